//! Who asks: for templates that want to know, and for lists of what is mine.

use anyhow::Result;

use crate::app::App;
use crate::catalog::{DEFAULT_NAMESPACE, EntityRef};
use crate::git::git;

/// `$CALLBOARD_ME`, else `me:` of the configuration, else the User of the catalog whose e-mail is the one git signs with. Either may be
/// an e-mail, too.
pub fn me(app: &App) -> Result<Option<EntityRef>> {
    let said = match app.env.variable("CALLBOARD_ME") {
        Some(me) => Some(me),
        None => app.config()?.me.as_deref(),
    };
    let email = match said {
        Some(me) if !me.contains('@') => {
            return Ok(EntityRef::parse(me, Some("user"), DEFAULT_NAMESPACE).ok());
        }
        Some(email) => Some(email.to_string()),
        None => git_email(app),
    };
    let user = match (app.catalog()?, email) {
        (Some(catalog), Some(email)) => catalog.user_by_email(&email),
        _ => None,
    };
    Ok(user.map(|user| user.reference.clone()))
}

/// The e-mail that git signs with.
pub fn git_email(app: &App) -> Option<String> {
    let email = git(&app.env.directory, &["config", "user.email"]).ok()?;
    Some(email.trim().to_string()).filter(|email| !email.is_empty())
}
