//! What Backstage's own code says to the documents of tests/oracle, against what is said here. `catalog.mjs` beside them wrote it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::catalog::Catalog;

const DOCUMENTS: &str = include_str!("../../tests/oracle/catalog-documents.txt");
const VERDICTS: &str = include_str!("../../tests/oracle/catalog-verdicts.json");

#[derive(Deserialize)]
struct OracleVerdict {
    taken: bool,
    #[serde(default)]
    error: String,
    #[serde(default)]
    relations: BTreeSet<String>,
}

/// Documents that are judged otherwise here on purpose: docs/catalog.md tells why.
const DELIBERATE: &[&str] = &[
    // An API of type mcp-server has remotes, which Backstage takes only where its alpha model is switched on.
    "api-mcp",
    // Parsers differ on what follows a control character.
    "yaml-nul",
    "yaml-control",
];

fn documents() -> Vec<(&'static str, &'static str)> {
    let starts: Vec<usize> = DOCUMENTS
        .match_indices("### ")
        .map(|(at, _)| at)
        .filter(|at| *at == 0 || DOCUMENTS.as_bytes()[at - 1] == b'\n')
        .collect();
    let ends = starts.iter().skip(1).copied().chain([DOCUMENTS.len()]);
    let parts = starts.iter().zip(ends).map(|(start, end)| &DOCUMENTS[start + 4..end]);
    parts.map(|part| part.split_once('\n').expect("a name")).collect()
}

fn relations(catalog: &Catalog) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entity in catalog.entities.keys() {
        for (relation, is_outgoing, other) in catalog.relations.edges(entity) {
            let (from, to) = if is_outgoing { (entity, other) } else { (other, entity) };
            found.insert(format!("{from} {} {to}", relation.name()));
            found.insert(format!("{to} {} {from}", relation.inverse()));
        }
    }
    found
}

#[test]
fn documents_are_judged_as_backstage_judges_them() {
    let verdicts: BTreeMap<String, OracleVerdict> = serde_json::from_str(VERDICTS).expect("verdicts");
    let documents = documents();
    assert!(documents.len() >= 250 && documents.len() == verdicts.len());
    let refused = verdicts.values().filter(|verdict| !verdict.taken).count();
    assert!(refused >= 125 && verdicts.len() - refused >= 100, "{refused} of {} are wrong", verdicts.len());
    let mut wrong = Vec::new();
    for (name, text) in documents {
        let verdict = &verdicts[name];
        let catalog = Catalog::of_text(name, text);
        let is_taken = catalog.problems.is_empty() && !catalog.entities.is_empty();
        let is_same = is_taken == verdict.taken && (!is_taken || relations(&catalog) == verdict.relations);
        if is_same == DELIBERATE.contains(&name) {
            let told: Vec<String> = catalog.problems.iter().map(ToString::to_string).collect();
            wrong.push(format!(
                "{name}: {is_taken} {told:?}, Backstage {} {}\n{text}",
                verdict.taken, verdict.error
            ));
        }
    }
    assert!(wrong.is_empty(), "{} documents:\n{}", wrong.len(), wrong.join("\n"));
}
