//! Who asks: for templates that want to know, and for lists of what is mine.

use anyhow::Result;

use crate::app::App;
use crate::catalog::{DEFAULT_NAMESPACE, EntityRef};
use crate::git::git;

/// `$CALLBOARD_ME`, else `me:` of the configuration, else the User of the catalog whose e-mail is the one git signs with. Either may be
/// an e-mail, too.
pub fn me(app: &App) -> Result<Option<EntityRef>> {
    if let Some(me) = said(app)?.filter(|me| !me.contains('@')) {
        return Ok(EntityRef::parse(me, Some("user"), DEFAULT_NAMESPACE).ok());
    }
    let user = match (app.catalog()?, email(app)?) {
        (Some(catalog), Some(email)) => catalog.user_by_email(&email),
        _ => None,
    };
    Ok(user.map(|user| user.reference.clone()))
}

fn said(app: &App) -> Result<Option<&str>> {
    match app.env.variable("CALLBOARD_ME") {
        Some(me) => Ok(Some(me)),
        None => Ok(app.config()?.me.as_deref()),
    }
}

/// The e-mail by which a User is looked for, where it is one that counts.
pub fn email(app: &App) -> Result<Option<String>> {
    match said(app)? {
        Some(said) => Ok(Some(said.to_string()).filter(|said| said.contains('@'))),
        None => Ok(git_email(app)),
    }
}

/// The e-mail that git signs with.
pub fn git_email(app: &App) -> Option<String> {
    let email = git(&app.env.directory, &["config", "user.email"]).ok()?;
    Some(email.trim().to_string()).filter(|email| !email.is_empty())
}
