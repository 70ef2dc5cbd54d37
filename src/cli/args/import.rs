//! Flags of `import`.

use clap::Args;

use crate::model::ApiName;

use super::value::{api_name, pattern};

/// `import`.
#[derive(Args, Debug)]
pub(in crate::cli) struct ImportArgs {
    /// Import people of these accounts alone: a glob over their names; repeatable
    #[arg(long, value_name = "GLOB", value_parser = pattern)]
    pub(in crate::cli) account: Vec<String>,

    /// Import people with this profile alone; repeatable
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) profile: Vec<String>,

    /// Import active people alone; without it, inactive ones are declared inactive
    #[arg(long)]
    pub(in crate::cli) where_active: bool,

    /// Write nothing: print what would be written as a unified diff
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,

    /// Name an account by this external id where several have its name, such as `ERP_Key__c`
    #[arg(long, value_name = "FIELD", value_parser = api_name)]
    pub(in crate::cli) account_key: Option<ApiName>,
}
