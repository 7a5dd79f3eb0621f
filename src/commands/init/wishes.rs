//! What the flags of `init` say, checked against the contexts there are.

use std::collections::BTreeMap;

use anyhow::Result;
use wildmatch::WildMatch;

use crate::catalog::{DEFAULT_NAMESPACE, EntityRef};
use crate::commands::init::aliases::is_usable;
use crate::commands::init::known::KnownContexts;
use crate::commands::init::options::InitArgs;
use crate::outcome::misused;
use crate::selector::{Operator, Requirement};
use crate::text::closest;

/// What is wanted; where a person is asked, the answers replace the defaults.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Words of `contexts:`, and the clusters by index that they mean.
    pub contexts: Vec<String>,
    pub chosen: Vec<usize>,
    pub short_names: bool,
    pub guesses: bool,
    pub me: Option<String>,
    pub me_note: String,
    /// By index of the cluster.
    pub aliases: BTreeMap<usize, String>,
    pub groups: Vec<(String, Vec<String>)>,
    /// Key, value and the clusters by index.
    pub labels: Vec<(String, String, Vec<usize>)>,
}

/// `--alias SHORT=CONTEXT`.
pub fn aliases(args: &InitArgs, known: &KnownContexts) -> Result<BTreeMap<usize, String>> {
    let mut found: BTreeMap<usize, String> = BTreeMap::new();
    for text in &args.alias {
        let Some((alias, context)) = text.split_once('=').filter(|(alias, _)| is_usable(alias)) else {
            let what = "a short name has letters, digits, '-', '_' and '.'";
            return Err(misused(
                format!("--alias {text}: expected SHORT=CONTEXT; {what}"),
                "as in --alias prod=arn:aws:eks:...",
            ));
        };
        let index = named(context, known)
            .ok_or_else(|| not_there(&format!("--alias {text}: no context {context:?}"), context, known))?;
        let is_other = |name: &String| name == alias && name != context;
        if known.names.iter().any(is_other) || found.values().any(|other| other == alias) {
            return Err(misused(
                format!("--alias {text}: {alias:?} is the name of another context"),
                "choose another short name",
            ));
        }
        found.insert(index, alias.to_string());
    }
    Ok(found)
}

/// `--group NAME=WORD[,WORD]`.
pub fn groups(args: &InitArgs, known: &KnownContexts) -> Result<Vec<(String, Vec<String>)>> {
    let group = |text: &String| {
        let (name, words) =
            text.split_once('=').filter(|(name, words)| is_usable(name) && !words.is_empty())?;
        let whole = known.names.contains(words);
        let words = if whole { vec![words] } else { words.split(',').collect() };
        Some((name.to_string(), words.into_iter().map(str::to_string).collect()))
    };
    let wrong = |text| {
        misused(format!("--group {text}: expected NAME=GLOB[,GLOB]"), "as in --group prod='prod-*,!prod-old'")
    };
    args.group.iter().map(|text| group(text).ok_or_else(|| wrong(text))).collect()
}

/// `--label KEY=VALUE:GLOB`.
pub fn labels(args: &InitArgs, known: &KnownContexts) -> Result<Vec<(String, String, Vec<usize>)>> {
    args.label.iter().map(|text| label(text, known)).collect()
}

fn label(text: &str, known: &KnownContexts) -> Result<(String, String, Vec<usize>)> {
    let parts = text.split_once('=').and_then(|(key, rest)| {
        let (value, glob) = rest.split_once(':')?;
        Some((key, value, glob))
    });
    let Some((key, value, glob)) = parts else {
        return Err(misused(
            format!("--label {text}: expected KEY=VALUE:GLOB"),
            "as in --label region=eu:'prod-eu-*'",
        ));
    };
    Requirement::new(key, Operator::In, [value])
        .map_err(|error| misused(format!("--label {text}: {error}"), ""))?;
    let meant: Vec<usize> = match named(glob, known) {
        Some(index) => vec![index],
        None => {
            let matching = WildMatch::new(glob);
            let is_meant = |index: &usize| matching.matches(&known.clusters[*index].cluster.context);
            (0..known.clusters.len()).filter(is_meant).collect()
        }
    };
    match meant.is_empty() {
        true => Err(not_there(&format!("--label {text}: no context matches {glob:?}"), glob, known)),
        false => Ok((key.to_string(), value.to_string(), meant)),
    }
}

/// `--me`: an e-mail, or what can be an entity.
pub fn me(args: &InitArgs) -> Result<Option<String>> {
    args.me.iter().try_for_each(|me| {
        check_me(me).map_err(|error| {
            misused(format!("--me {me}: {error}"), "as in --me user:default/jane, or an e-mail")
        })
    })?;
    Ok(args.me.clone())
}

pub fn check_me(me: &str) -> Result<(), String> {
    match me.contains('@') && !me.contains(char::is_whitespace) {
        true => Ok(()),
        false => {
            EntityRef::parse(me, Some("user"), DEFAULT_NAMESPACE).map(drop).map_err(|error| error.to_string())
        }
    }
}

/// The cluster of a context, also where it stands for that context only.
fn named(context: &str, known: &KnownContexts) -> Option<usize> {
    let own = known.clusters.iter().position(|one| one.cluster.context == context);
    own.or_else(|| {
        known.clusters.iter().position(|one| one.cluster.others.iter().any(|other| other == context))
    })
}

fn not_there(what: &str, name: &str, known: &KnownContexts) -> anyhow::Error {
    let near = closest(name, known.names.iter().map(String::as_str));
    let hint = match near.is_empty() {
        true => "`kubectl config get-contexts -o name` lists them".to_string(),
        false => format!("did you mean {}?", near.join(" or ")),
    };
    misused(what, hint)
}
