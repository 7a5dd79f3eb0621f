//! `catalog pull`: what a running Backstage shows, in one local file that a run without a network can read.

mod document;
mod fetch;
mod token;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;

use crate::app::App;
use crate::catalog::EntityRef;
use crate::commands::catalog::pull::document::{
    CatalogChange, LeftOut, MARK, PulledEntities, entities_of, kept, text,
};
use crate::commands::catalog::pull::fetch::{FetchError, FetchedCatalog, fetch};
use crate::commands::catalog::pull::token::{TokenPlaces, token};
use crate::files;
use crate::fleet::Silence;
use crate::outcome::{Outcome, advised};
use crate::report::{Cell, Line};
use crate::text::{count, listed, safe};
use crate::ui::Verbosity;
use crate::yaml::YamlLimits;

/// How many names a line tells before it counts the rest.
const MOST_NAMES: usize = 8;

/// The catalog of a running Backstage, as one local file
///
/// The URL is that of the backend (backend.baseUrl), whose API stands under /api/catalog. The file is written whole or not at all, and
/// written anew by the next pull, which says what changed; a file that pull did not write is never overwritten. Without --write it is
/// printed. The token goes to that server alone: redirects are not followed, and it is not sent over plain http.
#[derive(Args, Debug)]
#[command(before_help = "callboard catalog pull https://backstage.example.com --write backstage.yaml
callboard catalog pull https://backstage.example.com --token-file backstage-token --write backstage.yaml
callboard catalog pull https://backstage.example.com --filter kind=component,spec.type=service --filter kind=group")]
pub struct PullArgs {
    /// The backend of a Backstage, as in https://backstage.example.com
    #[arg(value_name = "URL")]
    url: String,

    /// Only entities that match, in Backstage's words: kind=component,spec.type=service (repeatable: any of them)
    #[arg(long, value_name = "FILTER")]
    filter: Vec<String>,

    /// The file to write, and to write anew
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,

    /// The variable that holds the token; default: $BACKSTAGE_TOKEN, where it is set
    #[arg(long, value_name = "NAME", conflicts_with_all = ["token_file", "token_command"])]
    token_env: Option<String>,

    /// A file that holds the token
    #[arg(long, value_name = "FILE", conflicts_with = "token_command")]
    token_file: Option<PathBuf>,

    /// A command that prints the token, for a shell
    #[arg(long, value_name = "COMMAND")]
    token_command: Option<String>,

    /// PEM certificates that vouch for the server, instead of the machine's own
    #[arg(long, value_name = "FILE")]
    certificate_authority: Option<PathBuf>,
}

pub fn run(args: &PullArgs, app: &App) -> Result<Outcome> {
    let before = args.write.as_deref().map(written_before).transpose()?.flatten();
    let places = TokenPlaces {
        variable: args.token_env.as_deref(),
        file: args.token_file.as_deref(),
        command: args.token_command.as_deref(),
    };
    let token = token(places, app)?;
    let has_token = token.is_some();
    let refused = |why| refusal(&FetchError::Silence(why), has_token);
    let site = app.site(&args.url, token, args.certificate_authority.clone()).map_err(refused)?;
    let fetching = async {
        tokio::select! {
            fetched = fetch(&site, &args.filter) => Some(fetched),
            () = crate::ui::interrupted() => None,
        }
    };
    let Some(fetched) = app.block_on(fetching)? else {
        app.ui.tell(&Line::from("Interrupted; nothing was written."));
        return Ok(Outcome::Interrupted);
    };
    let fetched = fetched.map_err(|why| refusal(&why, has_token))?;
    let missing = fetched.total.is_some_and(|total| total > fetched.entities.len() + fetched.strange);
    let shown = shortfall(&fetched);
    let (entities, left_out) = kept(fetched.entities);
    refuse_empty(&entities, args, has_token)?;
    let mut heading = heading(args, &entities, app);
    heading.extend(shown.iter().cloned());
    let text = text(&entities, &heading);
    let most = YamlLimits::default().file_bytes;
    if text.len() > most {
        return Err(advised(
            anyhow::anyhow!(
                "the file would have {} MiB, more than the {} MiB that callboard reads",
                text.len() >> 20,
                most >> 20
            ),
            "nothing was written; choose with --filter, as in --filter kind=component --filter kind=group --filter kind=user",
        ));
    }
    match &args.write {
        None => app.ui.write(&text)?,
        Some(path) => {
            let change = before.map(|before| CatalogChange::between(&before, &entities));
            write(path, &text, change.as_ref(), app)?;
            let line = summary(path, &entities, change.as_ref());
            app.ui.write(&line)?;
            change.iter().for_each(|change| tell_change(change, app));
        }
    }
    tell_left_out(&left_out, fetched.strange, app);
    shown.iter().for_each(|line| app.ui.warn(line));
    Ok(if missing { Outcome::Incomplete } else { Outcome::Fine })
}

/// What a pull wrote here before; an error where something else stands there.
fn written_before(path: &Path) -> Result<Option<PulledEntities>> {
    if !files::exists(path) {
        return Ok(None);
    }
    let text = files::read_text(path, YamlLimits::default().file_bytes)?;
    if !text.starts_with(MARK) {
        return Err(advised(
            anyhow::anyhow!("{} exists, and catalog pull did not write it", path.display()),
            "it is not overwritten; name another file",
        ));
    }
    Ok(Some(entities_of(&path.display().to_string(), &text)))
}

/// A server shows nothing to who may see nothing: that is no reason to forget what was known.
fn refuse_empty(entities: &PulledEntities, args: &PullArgs, has_token: bool) -> Result<()> {
    if !entities.is_empty() {
        return Ok(());
    }
    let hint = match (args.filter.is_empty(), has_token) {
        (false, _) => "does --filter ask for what is there, as in kind=component?",
        (true, true) => "may the token read the catalog?",
        (true, false) => "it may want a token: --token-env, --token-file or --token-command",
    };
    Err(advised(
        anyhow::anyhow!("the server shows no entity that could be written; nothing was written"),
        hint,
    ))
}

fn heading(args: &PullArgs, entities: &PulledEntities, app: &App) -> Vec<String> {
    let day = app.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mark = MARK.trim_start_matches("# ");
    let number = match entities.len() {
        1 => "1 entity".to_string(),
        more => format!("{more} entities"),
    };
    let mut lines = vec![
        format!("{mark} from {} on {day}: {number}.", args.url),
        "The next pull writes it anew: what is changed here by hand is lost then.".to_string(),
    ];
    lines.extend(args.filter.iter().map(|filter| format!("Filter: {filter}")));
    lines
}

/// That fewer came than the server says there are.
fn shortfall(fetched: &FetchedCatalog) -> Option<String> {
    let (came, total) = (fetched.entities.len() + fetched.strange, fetched.total?);
    (came < total).then(|| {
        format!("{came} entities came, and the server says that there are {total}: some may be missing")
    })
}

fn write(path: &Path, text: &str, change: Option<&CatalogChange>, app: &App) -> Result<()> {
    if change.is_some_and(CatalogChange::is_none) {
        return Ok(());
    }
    let busy = app.busy();
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    let written = directory.map_or(Ok(()), files::create_dir).and_then(|()| match change {
        Some(_) => files::replace(path, text.as_bytes(), None),
        None => files::create(path, text.as_bytes(), None),
    });
    drop(busy);
    written
}

fn summary(path: &Path, entities: &PulledEntities, change: Option<&CatalogChange>) -> String {
    let mut kinds: std::collections::BTreeMap<&str, usize> = Default::default();
    for value in entities.values() {
        *kinds.entry(value["kind"].as_str().unwrap_or_default()).or_default() += 1;
    }
    let kinds: Vec<String> = kinds.into_iter().map(|(kind, number)| count(number, kind)).collect();
    let what = match change {
        None => String::new(),
        Some(change) if change.is_none() => "; nothing changed".to_string(),
        Some(change) => {
            let parts =
                [(change.new.len(), "new"), (change.changed.len(), "changed"), (change.gone.len(), "gone")];
            let parts: Vec<String> = parts
                .iter()
                .filter(|(number, _)| *number > 0)
                .map(|(number, word)| format!("{number} {word}"))
                .collect();
            format!("; {}", parts.join(", "))
        }
    };
    safe(&format!("{}: {}{what}", path.display(), kinds.join(", "))) + "\n"
}

fn tell_change(change: &CatalogChange, app: &App) {
    let most = if app.ui.verbosity == Verbosity::Verbose { usize::MAX } else { MOST_NAMES };
    for (word, refs) in [("new", &change.new), ("changed", &change.changed), ("gone", &change.gone)] {
        let names: Vec<String> = refs.iter().map(EntityRef::to_string).collect();
        if !names.is_empty() {
            app.ui.tell(&Line::from(format!("{word}: {}", listed(&names, most))));
        }
    }
}

fn tell_left_out(left_out: &LeftOut, strange: usize, app: &App) {
    let note = |text: String| app.ui.tell(&Line::new(vec![Cell::muted(format!("note: {text}"))]));
    if left_out.locations > 0 {
        note(format!(
            "left out, {}: what they lead to is here already",
            count(left_out.locations, "Location")
        ));
    }
    let unknown: Vec<String> =
        left_out.unknown.iter().map(|(kind, number)| format!("{number} {kind}")).collect();
    if !unknown.is_empty() {
        note(format!("left out, of kinds that callboard does not know: {}", listed(&unknown, MOST_NAMES)));
    }
    if !left_out.too_large.is_empty() {
        let names: Vec<String> = left_out.too_large.iter().map(EntityRef::to_string).collect();
        note(format!("left out, larger than a document may be: {}", listed(&names, MOST_NAMES)));
    }
    if strange > 0 {
        note(format!("left out, {} without a kind or a name", count(strange, "item")));
    }
}

/// Why nothing came, with what to do.
fn refusal(why: &FetchError, has_token: bool) -> anyhow::Error {
    let (text, hint) = match why {
        FetchError::NoCatalog => (
            "no catalog is served there (404 for /api/catalog/entities)".to_string(),
            "the URL is that of the backend: backend.baseUrl of its app-config",
        ),
        FetchError::Strange(text) => (format!("that is no Backstage catalog: {text}"), "nothing was written"),
        FetchError::Silence(why) => {
            let hint = match why {
                Silence::Unauthorized if has_token => "is the token still valid?",
                Silence::Unauthorized => "it wants a token: --token-env, --token-file or --token-command",
                Silence::Forbidden(_) => "may the token read the catalog (catalog.entity.read)?",
                Silence::Protocol(_) => {
                    "the URL is that of the backend: backend.baseUrl of its app-config; nothing was written"
                }
                Silence::Certificate(_) => "--certificate-authority names who vouches for it",
                Silence::TimedOut(_) => "a longer --cluster-timeout, or less with --filter",
                _ => "nothing was written",
            };
            (format!("{}: {}", why.reason(), plain(&why.message())), hint)
        }
    };
    advised(anyhow::anyhow!("nothing was pulled: {text}"), hint)
}

/// A silence in words that are not about clusters.
fn plain(message: &str) -> String {
    message.replace("no Kubernetes API", "no catalog")
}
