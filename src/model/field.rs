//! The catalogue of managed user fields: the one place where a TOML key, a Salesforce field, its
//! length and its meaning meet. Queries, payloads, checks and the JSON schema are derived from it.

/// A field of `User` that a declaration may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserField {
    /// `FirstName`.
    FirstName,
    /// `LastName`.
    LastName,
    /// `Email`.
    Email,
    /// `Alias`.
    Alias,
    /// `CommunityNickname`.
    Nickname,
    /// `TimeZoneSidKey`.
    TimeZone,
    /// `LocaleSidKey`.
    Locale,
    /// `LanguageLocaleKey`.
    Language,
    /// `EmailEncodingKey`.
    EmailEncoding,
    /// `Title`.
    Title,
    /// `Phone`.
    Phone,
    /// `MobilePhone`.
    MobilePhone,
    /// `Department`.
    Department,
    /// `CompanyName`.
    CompanyName,
    /// `EmployeeNumber`.
    EmployeeNumber,
    /// `FederationIdentifier`.
    FederationId,
}

/// How the values of a field look and compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Free text, compared exactly but for blanks around it.
    Text,
    /// An e-mail address, compared without regard to case.
    Email,
    /// A value of a restricted picklist.
    Picklist,
}

/// What the program knows of a field.
#[derive(Clone, Copy, Debug)]
pub struct FieldInfo {
    /// The field.
    pub field: UserField,
    /// Its key in a user file.
    pub key: &'static str,
    /// Its API name on `User`.
    pub api_name: &'static str,
    /// The most characters it holds. Source: Object Reference, User.
    pub max_chars: usize,
    /// How its values look.
    pub kind: Kind,
    /// Whether `""` (none) may be declared.
    pub clearable: bool,
    /// Whether one value may serve many users: in a file, a template or `[defaults]`.
    pub shareable: bool,
    /// One sentence for the schema and the documentation.
    pub doc: &'static str,
}

/// A row of the catalogue; `-` in the flags means "no".
macro_rules! catalogue {
    ($($field:ident $key:literal $api:literal $max:literal $kind:ident $clear:ident $share:ident $doc:literal;)+) => {
        impl UserField {
            /// Every field, in the order in which fields are shown.
            pub const ALL: &'static [Self] = &[$(Self::$field),+];

            /// What is known of the field.
            pub const fn info(self) -> &'static FieldInfo {
                match self {
                    $(Self::$field => &FieldInfo {
                        field: Self::$field,
                        key: $key,
                        api_name: $api,
                        max_chars: $max,
                        kind: Kind::$kind,
                        clearable: $clear,
                        shareable: $share,
                        doc: $doc,
                    }),+
                }
            }
        }
    };
}

catalogue! {
    FirstName "first_name" "FirstName" 40 Text true false "Given name, on the user and the linked contact.";
    LastName "last_name" "LastName" 80 Text false false "Family name, on the user and the linked contact.";
    Email "email" "Email" 80 Email false false "E-mail address, on the user and the linked contact; default: the username.";
    Alias "alias" "Alias" 8 Text false false "Short name; derived when the user is created if absent.";
    Nickname "nickname" "CommunityNickname" 40 Text false false "Name shown in the site, unique in the org; derived when the user is created if absent.";
    TimeZone "time_zone" "TimeZoneSidKey" 40 Picklist false true "Time zone, such as `America/New_York`.";
    Locale "locale" "LocaleSidKey" 40 Picklist false true "Locale, such as `en_US`.";
    Language "language" "LanguageLocaleKey" 40 Picklist false true "Language, such as `en_US` or `fr`.";
    EmailEncoding "email_encoding" "EmailEncodingKey" 40 Picklist false true "Encoding of e-mail sent to the user, such as `UTF-8`.";
    Title "title" "Title" 80 Text true true "Job title.";
    Phone "phone" "Phone" 40 Text true true "Telephone number.";
    MobilePhone "mobile_phone" "MobilePhone" 40 Text true true "Mobile telephone number.";
    Department "department" "Department" 80 Text true true "Department.";
    CompanyName "company_name" "CompanyName" 80 Text true true "Company name.";
    EmployeeNumber "employee_number" "EmployeeNumber" 20 Text true false "Employee number.";
    FederationId "federation_id" "FederationIdentifier" 512 Text true false "Identifier for single sign-on, unique in the org.";
}

impl UserField {
    /// Whether many people have the same value: there are fewer names than people, but each has an
    /// address and a telephone of their own.
    pub const fn is_common(self) -> bool {
        match self {
            Self::FirstName
            | Self::LastName
            | Self::TimeZone
            | Self::Locale
            | Self::Language
            | Self::EmailEncoding
            | Self::Title
            | Self::Department
            | Self::CompanyName => true,
            Self::Email
            | Self::Alias
            | Self::Nickname
            | Self::Phone
            | Self::MobilePhone
            | Self::EmployeeNumber
            | Self::FederationId => false,
        }
    }

    /// Whether the value is derived when the user is created, and then the person's own choice.
    pub const fn is_own_choice(self) -> bool {
        match self {
            Self::Alias
            | Self::Nickname
            | Self::TimeZone
            | Self::Locale
            | Self::Language
            | Self::EmailEncoding => true,
            Self::FirstName
            | Self::LastName
            | Self::Email
            | Self::Title
            | Self::Phone
            | Self::MobilePhone
            | Self::Department
            | Self::CompanyName
            | Self::EmployeeNumber
            | Self::FederationId => false,
        }
    }

    /// The field's API name on `User`.
    pub const fn api_name(self) -> &'static str {
        self.info().api_name
    }

    /// The field's key in a user file.
    pub const fn key(self) -> &'static str {
        self.info().key
    }

    /// The field that a key of a user file names.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.key() == key)
    }

    /// What the API requires at create and the file may leave out, with the value that is sent
    /// then. Source: Object Reference, User: each is marked required.
    pub const BUILT_IN_DEFAULTS: &'static [(Self, &'static str)] = &[
        (Self::TimeZone, "GMT"),
        (Self::Locale, "en_US"),
        (Self::Language, "en_US"),
        (Self::EmailEncoding, "UTF-8"),
    ];
}
