//! Who asks: for templates that want to know, and for lists of what is mine.

use anyhow::Result;

use crate::app::App;
use crate::catalog::{DEFAULT_NAMESPACE, EntityRef};
use crate::golden_paths::git::git;

/// `$CALLBOARD_ME`, else the User of the catalog whose e-mail is the one git signs with.
pub fn me(app: &App) -> Result<Option<EntityRef>> {
    if let Some(me) = app.env.variable("CALLBOARD_ME") {
        return Ok(EntityRef::parse(me, Some("user"), DEFAULT_NAMESPACE).ok());
    }
    let Some(catalog) = app.catalog()? else { return Ok(None) };
    let Ok(email) = git(&app.env.directory, &["config", "user.email"]) else { return Ok(None) };
    Ok(catalog.user_by_email(email.trim()).map(|user| user.reference.clone()))
}
