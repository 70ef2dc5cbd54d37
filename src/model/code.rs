//! Every diagnostic code: its severity, its one-line title and its explanation. `portalctl explain`
//! prints this table, and a test keeps every code in use.

use super::Severity;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $code:literal $severity:ident $title:literal $text:literal;)+) => {
        /// The stable code of a diagnostic: `C…` for the files, `P…` for the plan.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $name),+
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code as it is printed.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// How much a diagnostic with this code weighs.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity),+ }
            }

            /// What the code stands for, in one line.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }

            /// What it means, why, and the mend.
            pub const fn explanation(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

codes! {
    SyntaxError "C1001" Error "the file is not valid TOML"
        "The TOML reader could not make sense of the file. Nothing in it can be checked until this is mended.";
    FileUnreadable "C1002" Error "a file cannot be read"
        "The file does not exist, may not be read, or is not UTF-8 text.";
    UnknownKey "C1003" Error "a key is not known"
        "Every key must mean something: a misspelt one would otherwise be ignored in silence. Compare it with the suggestion or with `portalctl schema`.";
    NotSupported "C1004" Error "a key or field is not supported"
        "It belongs to something that Salesforce has and this program leaves alone, such as person accounts. It is refused, because a declaration that is accepted must have its effect. Remove it.";
    SecretInFile "C1005" Error "a secret has no place in a file"
        "Client secrets, keys, tokens and passwords are never read from project files, which are shared and kept in version control. Remove the value, consider it exposed, and pass the new one through the environment.";
    WrongType "C1006" Error "a value is of the wrong type"
        "For example a number where a string is needed, or a quoted date: a TOML date is written without quotes.";
    InvalidValue "C1007" Error "a value is not allowed"
        "The value is of the right type, but Salesforce or the program would refuse it: too long, malformed, or not in the list of allowed values.";
    MissingKey "C1008" Error "a required key is missing"
        "A user needs `username`, `last_name`, `account` and `profile`; each but the first two may come from the file, the template or `[defaults]`. A project needs a `name`.";
    DuplicateUser "C1009" Error "a username is declared twice"
        "Usernames are compared without regard to case. Two entries for one person would contradict each other; keep one.";
    UnknownTemplate "C1010" Error "a template is not defined"
        "The name after `template` or `extends` must be a `[templates.NAME]` table of portalctl.toml.";
    TemplateCycle "C1011" Error "templates extend each other in a circle"
        "A template may not extend itself, directly or through others.";
    NoMatch "C1012" Error "an include pattern matches no file"
        "A pattern that matches nothing is more often a mistake than intended, and reading nobody could mean removing everybody.";
    OrgTarget "C1013" Error "an org needs exactly one of `login_url` and `emulator`"
        "An `[orgs.NAME]` table says where the org is: `login_url` for a real org, `emulator` for a seed file of the embedded one.";
    UnknownOrg "C1014" Error "an org is not defined"
        "The name must be an `[orgs.NAME]` table of portalctl.toml.";
    DatesCross "C1015" Error "`starts` is after `expires`"
        "The user would never be active. Correct one of the dates.";
    DuplicateValue "C1016" Error "two users share a value that must be unique"
        "Nicknames and federation ids are unique in an org, and a contact can have one portal user only.";
    ProjectMissing "C1017" Error "no portalctl.toml was found"
        "The program looks in the working directory (or the one given by `-C`) and its parents.";
    OrgIdChecksum "C1018" Warning "the checksum of `org_id` is wrong"
        "The last three characters of an 18-character id are computed from the others. The org is compared by the first fifteen, so this stops nothing, but the id was mistyped or cut somewhere.";
    EmptyRoster "C1019" Error "a roster has no data row"
        "A CSV file without rows below its head is more often an export that failed than a wish, and reading nobody could mean removing everybody. Add rows, or remove the `[[rosters]]` entry.";
    UnknownColumn "C1020" Error "a roster has no such column"
        "`columns` names a column by what stands at its head, in the first row of the CSV file. Compare the spelling, and the delimiter.";
    RenameConflict "C1021" Error "a former username is claimed twice"
        "`renamed_from` says which user of the org becomes this one, so two users cannot have the same former username, and nobody who keeps it can be declared under it. Chains and swaps are fine: there everybody concerned has a `renamed_from`. Once a rename is done, the former name can be removed.";

    AccountNotFound "P2001" Error "the account does not exist in the org"
        "No account that this login can see has exactly that name or id. Accounts are not created by this program; correct the declaration, or create the account, or give the login access to it.";
    AccountAmbiguous "P2002" Error "several accounts have that name"
        "Account names are not unique in Salesforce. Name the account by its id: `account = { id = \"001…\" }`.";
    OwnerWithoutRole "P2003" Error "the account's owner has no role"
        "Salesforce refuses portal users under an account whose owner has no role (`portal account owner must have a role`). Give the owner a role or change the owner in Setup.";
    OwnerOutside "P2028" Error "the account's owner is a portal user"
        "Accounts whose contacts are portal users have to be owned by somebody inside (`portal users cannot own partner accounts`). Change the account's owner to an internal user who has a role.";
    OwnerInactive "P2004" Warning "the account's owner is inactive"
        "Automation that touches records of an inactive owner can fail. Consider changing the account's owner.";
    UnknownProfile "P2005" Error "the profile does not exist in the org"
        "Profiles are found by their exact name. Names of standard profiles are translated into the login's language; names of custom profiles are not.";
    InternalProfile "P2006" Error "the profile is not one for portal users"
        "Only profiles of an external licence can be given to a portal user. Internal users are never written.";
    StandardProfile "P2007" Warning "the profile is a standard external profile"
        "Unless the org allows it in Setup > Digital Experiences > Settings, Salesforce refuses users with a standard external profile. Clone it and use the clone.";
    UnknownPermissionSet "P2008" Error "the permission set does not exist in the org"
        "Permission sets, groups of them, permission set licences and public groups are found by API name, with the namespace in front if they have one: `ns__Name`. Labels are not looked at: several can share one.";
    PermissionSetLicense "P2009" Error "the permission set belongs to another user licence"
        "A permission set that was made for a user licence can only be assigned to users with that licence.";
    ContactTaken "P2010" Error "the contact has a user with another username"
        "A contact can have one portal user, active or not. If it is the same person, declare that user's username, or rename them by `renamed_from`; if not, give this one a contact of their own.";
    ContactAmbiguous "P2011" Error "several contacts fit"
        "More than one contact of the account has this e-mail address, or this value in a field of `[contacts] match`. Name the right one: `contact = { id = \"003…\" }`.";
    ContactNameDiffers "P2012" Error "the contact found by e-mail has another last name"
        "Linking a user to somebody else's contact would show them that person's records. If it is the right contact, say so: `contact = { id = \"003…\" }`.";
    ContactNotFound "P2013" Error "the contact does not exist in the account"
        "The id or external id given in `contact` leads to no contact, or to one of another account. Ids differ between orgs; external ids do not. Correct the declaration, or declare the contact's own account.";
    ContactFixed "P2014" Error "a user's contact cannot be changed"
        "Salesforce keeps a portal user on the contact it was created with. Correct the declaration, or declare a new user for the other contact.";
    ContactMissing "P2015" Error "the person has no contact and none may be created"
        "`[contacts] create = false` is set and no contact of the account fits.";
    NotPortalUser "P2016" Error "the username belongs to a user that is never written"
        "Internal users, guest users and the user this program signs in as are never changed, whatever a file says.";
    Disabled "P2017" Error "the username belongs to a disabled user"
        "A user whose portal access was disabled has lost its contact for good and cannot be reactivated. Choose another username, or have the old user renamed.";
    LicenseMove "P2018" Error "Salesforce refuses this change of licence"
        "A user can move between the member and login variant of one licence, and from a role-less external licence up to Customer Community Plus or Partner Community. Anything else needs a new user.";
    SelfDeactivated "P2019" Error "the person deactivated themself"
        "The user's last change was their own and left them inactive, or the setup audit trail says that they switched themself off. That was their decision, so they are not switched on again unless that is approved with `--allow reactivations=N`.";
    Frozen "P2020" Warning "the user is frozen"
        "A frozen user is active and holds a seat but cannot sign in. A declaration without `state` never unfreezes; write `state = \"active\"` to do so.";
    SeatsShort "P2021" Error "no seat is left for the user"
        "The licence has fewer free seats than the plan needs. Free seats by deactivating others, buy more, or approve going without these users by `--allow shortfall=N`.";
    NicknameTaken "P2022" Error "the nickname belongs to another user"
        "Nicknames are unique in an org. Choose another or leave the key out.";
    FederationIdTaken "P2023" Error "the federation id belongs to another user"
        "Federation ids are unique in an org.";
    FieldInvisible "P2024" Error "a field cannot be seen"
        "The login may not read a field that the plan depends on. What cannot be seen is not empty, so nothing is planned from it.";
    SandboxWithoutSuffix "P2025" Warning "a sandbox without `username_suffix`"
        "Salesforce appends the sandbox's name to every copied username, so the declared users would be created a second time. Set `username_suffix` for this org.";
    AbsenceDoesNothing "P2026" Note "removing an entry does not remove access"
        "Users that no file declares are left alone. To take access away, write `state = \"inactive\"`.";
    RenameUnclear "P2301" Error "it is not certain who is renamed"
        "A rename follows one user from a former username to the declared one. Here several users have one of the former names, or one user is meant by several declarations. Leave in `renamed_from` what is true of one person alone.";
    UsernameHeld "P2302" Error "the username is not free"
        "Another user of the org has the declared username, and this plan does not give it free: that user is not renamed, is held up themself, or is left out by `--target` or `--only`. Renames are ordered so that no username is taken twice, so whoever waits for a name waits with it.";
    MarkerOfAnother "P2303" Error "another project answers for the user"
        "The field of `[ownership] marker` holds another value than this project's. It is never overwritten. Empty it in the org to hand the user over.";
    Protected "P2304" Error "a protected user would lose access"
        "The username fits `[ownership] protect`, and the declaration would deactivate or freeze the user. Take it out of the list if that is intended.";
    PersonAccount "P2305" Error "a person account"
        "Person accounts are account and contact in one, and their users follow rules of their own. They are refused for now.";
    UndeclaredUsers "P2307" Note "owned users that no file declares"
        "They are active, and `[ownership]` says that this project answers for them. Declare them, or let `undeclared = \"deactivate\"` take their access away.";
    LooksLikeRenames "P2308" Warning "new usernames look like renames"
        "As many owned users are declared no more as usernames are new. If they are the same people, the new ones would be created beside the old. Write `renamed_from` with the former username, and the user is kept.";
    OwnershipUnknown "P2309" Warning "`[ownership]` names something the org does not have"
        "A profile or account of `[ownership]` was not found, or several were. Nobody is owned by it.";
    ContactKeyMissing "P2310" Error "nothing to find the contact by"
        "None of the fields of `[contacts] match` has a declared value for this person. A contact made without one could not be found again, and a second would be made.";
    AllowExpired "P2311" Warning "an exception has ended"
        "An `[[allow]]` holds through the day in `expires`, in GMT. After that it lifts nothing.";
    EmailNotCompared "P2027" Note "an address ending in `.invalid` is left alone"
        "In a sandbox Salesforce appends `.invalid` to copied addresses so that nobody is mailed. They count as equal to the declared address.";
    FieldReserved "P2101" Error "a field has a key of its own"
        "Some fields of `User` decide who can sign in, or follow from others. They are declared by their own keys and not under `fields`; `IsPortalEnabled` is never written, because switching it off cannot be undone.";
    FieldReadOnly "P2102" Error "a field cannot be set"
        "The login has no right to set the field, or the field is computed. Give the login's user edit access to it (field-level security), or leave the field out.";
    FieldValue "P2103" Error "a field cannot hold the value"
        "The org says of what type a field is, how long its values are and which values a restricted picklist has. The value would be refused.";
    FieldRequired "P2104" Error "a required field is not declared"
        "The org refuses new records without this field, and has no default for it. Declare it under `fields` or `contact_fields`, at the user, the file, a template, `[defaults]` or `[on_create]`.";
    GroupNeedsRole "P2105" Error "the user cannot be a member of public groups"
        "Users of licences without roles, such as Customer Community, cannot be members of public groups. Use a sharing set, or a licence with roles.";
    SetLicenseDisabled "P2106" Error "the permission set licence is disabled"
        "A disabled licence cannot be given to anybody. It is renewed by contract.";
    SetNeedsSession "P2107" Warning "a permission set has to be activated in a session"
        "Being assigned a session-based permission set, or a group that needs activation, gives nothing by itself: a flow or an app has to activate it each session.";
    SetGroupFailed "P2108" Warning "a permission set group could not be recalculated"
        "The group's status is Failed: its users may be without its permissions. Recalculate it in Setup > Permission Set Groups.";
    SetIgnored "P2109" Warning "something declared is ignored"
        "A pattern of `[permission_sets] ignore` fits something that is declared. Ignored sets and groups are neither given nor taken.";
    SetOutgrown "P2110" Warning "a permission set is made for the licence that the user leaves"
        "A set that was made for one licence cannot be given to users of another. The org may refuse the change of profile, or keep a set that has no effect.";
    AccessPolicies "P2111" Note "user access policies are active"
        "An active user access policy can give and take permission sets, groups and licences right after they were written. If a plan shows the same changes again and again, a policy undoes them.";
    RoleNeedsLicense "P2112" Error "the licence has no roles"
        "`portal_role` is for users of Customer Community Plus and Partner Community. Other external licences have no roles.";
    RoleMissing "P2113" Error "the account has no role of this level"
        "Salesforce makes one to three roles for an account when its first user with roles becomes active. How many is set in Setup > Digital Experiences > Settings.";
    RoleWithFirstUser "P2114" Note "the account's roles are made with the user"
        "An account has roles only once a user with roles was active in it. For a first user the level is sent along instead of a role.";
    LicenseMoveUp "P2115" Note "the user moves up to a licence with roles"
        "Username, password and history stay. Salesforce makes roles in the account; some permissions may be lost, and site memberships are worked out anew.";
    LicenseMoveUnproven "P2116" Warning "a change of licence that is not documented"
        "Between two licences without roles Salesforce documents only the member and login variant of one. The change is tried; the org decides.";
    SeatsToFree "P2117" Note "what could free seats"
        "People who have not signed in for 90 days, or inactive people who keep a permission set licence, and what more seats would cost if `[licenses]` has a price.";
    SeatCounterDiffers "P2118" Note "the org's count of seats may be old"
        "While an org uses more seats than it bought, Salesforce refreshes the counter once a day. Of the counter and the active users that were found, the larger number is assumed.";
    LicenseUnknown "P2119" Warning "a licence of `[licenses]` is not in the org"
        "Licences are named as Setup > Company Information shows them, permission set licences by API name.";
    RenewalPast "P2131" Note "a renewal in `[licenses]` is in the past"
        "`portalctl licenses` says how many seats will be in use when the contract is renewed. A date that is over says nothing of the next one: write that into `[licenses]`.";
    SetLicensesKept "P2120" Note "inactive people hold permission set licences"
        "Deactivation gives back the seat of the user licence and nothing else: permission set licences stay until they are taken away.";
    NoLiveSite "P2121" Warning "people are on no live site"
        "A portal user can sign in only to a site that is live and that their profile, or a permission set assigned to them, was added to.";
    SitesInvisible "P2122" Note "no site can be seen"
        "Without Create and Set Up Experiences, View All Data or Modify All Data a login sees only sites it is a member of. What cannot be seen is not absent, so nothing is concluded from it.";
    PrivacyFlag "P2123" Warning "a privacy flag keeps somebody out"
        "Somebody whose Individual record says Don't Process or Forget this Individual is made a member of no site. They are active, hold a seat, and cannot sign in.";
    ActivationNotSent "P2124" Warning "an activation mail is not sent"
        "The mail holds a link that expires after 24 hours. It is not sent to an address that ends in `.invalid`, nor to somebody who is frozen or on no live site.";
    EmailUnverified "P2125" Note "a changed address is unverified"
        "An address that an administrator changes takes effect at once and counts as unverified: until its owner verifies it, they cannot sign in by a code that is mailed to them.";
    LastActiveUser "P2126" Note "an account loses its last active user"
        "After this plan nobody of the account can sign in. `[safety] keep_one_active_per_account = true` makes that a blocker.";
    FreezesInvisible "P2130" Note "who is frozen cannot be seen"
        "Freezing is a part of the login, not of the user, and only a login with Manage Users sees it. Nobody is frozen or unfrozen without it; a declaration with `state = \"frozen\"` or `state = \"active\"` needs it.";
    PartnerAccount "P2127" Note "an account becomes a partner account"
        "A partner user makes the account a partner account (`IsPartner`), if it is none yet. That is for good: switching it back disables the account's partner users and deletes their roles, and a partner account cannot be deleted. In Setup an account is enabled as partner before; through the API it need not be.";
    CrowdedAccount "P2128" Note "an account holds very many people"
        "While a contact or user is written, Salesforce locks the account above it, and work on one with more than 10,000 records below it takes ever longer and fails more often (`UNABLE_TO_LOCK_ROW`). Give people accounts of their own, or spread them over several.";
    ActivationUnknown "P2202" Warning "nobody knows of an activation mail"
        "The user is to be activated by a mail, has never signed in, and the org knows of no password that was set or reset: an apply may have been cut off between creating the user and mailing them. A mail is never sent twice, so it is not sent by itself. `portalctl invite` with their username mails a link.";
    ChangedSinceApply "P2201" Warning "something was changed since the apply that is reverted"
        "A revert puts back what an apply changed. What somebody else has changed in the meantime is theirs and stays as it is.";
    NothingToUndo "P2203" Note "a mail cannot be taken back"
        "All that was done to the person was to mail them a link, which ended the password they had. There is nothing to put back.";
    PasswordEnds "P2204" Warning "a present password stops working"
        "Mailing somebody a link resets their password: the one they have, or the link they were sent before, ends at once, whether they use the new link or not. Whoever has signed in before is mailed only if they are named.";
    InvitedFederated "P2205" Warning "somebody who signs in by single sign-on is mailed"
        "The user has a federation id, by which an identity provider signs them in. They may have no use for a password, so they are mailed only if their own username is given.";
}

impl Code {
    /// The code that is printed as `text`, in either case.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str().eq_ignore_ascii_case(text))
    }
}
