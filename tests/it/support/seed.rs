//! The org that most tests begin with.

/// The seed of an org with one licence of so many seats, a profile on it, and the account `Acme Corp`,
/// whose owner has a role. More tables can be appended.
pub(crate) fn acme(seats: u32) -> String {
    format!(
        r#"
[Organization]
Name = "Acme"
[[UserLicense]]
Name = "Customer Community"
TotalLicenses = {seats}
[[Profile]]
Name = "Acme Customer"
UserLicense = "Customer Community"
[[UserRole]]
Name = "Sales"
[[User]]
Username = "olive.owner@acme.example"
FirstName = "Olive"
LastName = "Owner"
Profile = "Standard User"
UserRole = "Sales"
[[Account]]
Name = "Acme Corp"
Owner = "olive.owner@acme.example"
"#
    )
}
