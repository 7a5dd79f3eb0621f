//! From paths to a catalog: reads documents, follows Locations, tells what is wrong, keeps what is right.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::catalog::builder::Builder;
use crate::catalog::kinds::CustomKind;
use crate::catalog::locations::LocationTarget;
use crate::catalog::parallel::{FileToRead, read_files};
use crate::catalog::reading::ReadingContext;
use crate::catalog::rules::{LOCATION, UNREADABLE};
use crate::yaml::{LintFinding, Place, Problem};

/// What loading needs of the disk, handed in so that this stays a function of values.
pub struct Disk<'a> {
    /// What a path or pattern means; an error says why it means nothing.
    pub expand: &'a dyn Fn(&Path) -> anyhow::Result<PathMeaning>,
    /// The same of what a Location in a file names.
    pub follow: &'a dyn Fn(&Path, &Path) -> anyhow::Result<PathMeaning>,
    /// What a path is called where it is told of.
    pub name: &'a dyn Fn(&Path) -> String,
    pub read: &'a (dyn Fn(&Path) -> anyhow::Result<Vec<u8>> + Sync),
    /// The one name of a file, so that none is read twice.
    pub identity: &'a dyn Fn(&Path) -> FileIdentity,
    /// The text of another file that a file names; nothing for a URL.
    pub include: &'a (dyn Fn(&Path, &str) -> anyhow::Result<Option<String>> + Sync),
    /// The file of the repository a file lies in that a URL means.
    pub local: &'a (dyn Fn(&Path, &str) -> Option<PathBuf> + Sync),
}

/// The files that a path means.
#[derive(Clone, Debug, Default)]
pub struct PathMeaning {
    /// Sorted.
    pub files: Vec<PathBuf>,
    /// Whether the path is that of the one file, and no directory or pattern.
    pub is_file: bool,
    /// What of it could not be read, such as a directory that may not be looked into, each with why.
    pub unread: Vec<(PathBuf, String)>,
}

/// What tells a file from every other one, under whatever name.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum FileIdentity {
    /// The number of its file system and its own.
    Numbers(u64, u64),
    Path(PathBuf),
}

/// What is loaded, and how.
pub struct LoadRequest<'a> {
    pub paths: &'a [PathBuf],
    /// Kinds that the configuration adds.
    pub kinds: &'a [CustomKind],
    /// Whether a path that means nothing costs only itself, as long as another one means something.
    pub is_forgiving: bool,
}

/// Loads the catalog of some paths (files, directories, patterns). A path that means no file is an error;
/// whatever else is wrong is one of the catalog's problems.
pub fn load(request: &LoadRequest<'_>, disk: &Disk<'_>) -> anyhow::Result<Catalog> {
    let mut builder = Builder::default();
    let mut open = VecDeque::new();
    let mut refused = Vec::new();
    for path in request.paths {
        match meant(path, disk) {
            Ok(meaning) => open.extend(files_of(meaning, None, disk, &mut builder)),
            Err(error) => refused.push(LintFinding::new(
                &UNREADABLE,
                Problem::new(Place::whole(&(disk.name)(path)), format!("no catalog here: {error:#}")),
            )),
        }
    }
    if let Some(first) = refused.first()
        && (open.is_empty() || !request.is_forgiving)
    {
        anyhow::bail!("no catalog at {}", first.to_string().replace(": no catalog here", ""));
    }
    refused.into_iter().for_each(|finding| builder.refuse(finding));
    let context = ReadingContext { kinds: request.kinds, include: disk.include, local: disk.local };
    let mut seen = BTreeSet::new();
    while !open.is_empty() {
        // All files that are known by now are read at once; what their Locations name comes after.
        let wave: Vec<FileToRead> =
            open.drain(..).filter(|file: &FileToRead| seen.insert((disk.identity)(&file.path))).collect();
        for (file, read) in wave.iter().zip(read_files(&wave, disk.read, &context)) {
            for target in builder.add(file, read) {
                open.extend(follow(&file.path, &target, disk, &mut builder));
            }
        }
    }
    Ok(builder.build())
}

/// A path that a person gave must mean some file.
fn meant(path: &Path, disk: &Disk<'_>) -> anyhow::Result<PathMeaning> {
    let meaning = (disk.expand)(path)?;
    if meaning.files.is_empty() {
        match meaning.unread.first() {
            Some((path, why)) => anyhow::bail!("{} {why}", path.display()),
            None => anyhow::bail!("there is no YAML file"),
        }
    }
    Ok(meaning)
}

fn files_of(
    meaning: PathMeaning,
    from: Option<&Place>,
    disk: &Disk<'_>,
    builder: &mut Builder,
) -> Vec<FileToRead> {
    for (path, why) in &meaning.unread {
        let place = Place::whole(&(disk.name)(path));
        builder.refuse(LintFinding::new(&UNREADABLE, Problem::new(place, why.as_str())));
    }
    let file = |path: PathBuf| {
        let name: Arc<str> = (disk.name)(&path).into();
        FileToRead { name, path, is_named: meaning.is_file, from: from.cloned() }
    };
    meaning.files.into_iter().map(file).collect()
}

/// The files of a Location's target.
fn follow(file: &Path, target: &LocationTarget, disk: &Disk<'_>, builder: &mut Builder) -> Vec<FileToRead> {
    match (disk.follow)(file, &target.path) {
        Ok(meaning) if meaning.files.is_empty() && target.required => {
            let text = (disk.name)(&target.path);
            let message = format!("{text} does not exist");
            let hint = match text.contains(['[', '(']) || text.contains("..}") {
                true => "a pattern knows *, ?, ** and {a,b}; presence: optional allows that nothing is there",
                false => "presence: optional allows that",
            };
            let problem = Problem::new(target.place.clone(), message).hint(hint);
            builder.lose(LintFinding::new(&LOCATION, problem));
            Vec::new()
        }
        Ok(meaning) => files_of(meaning, Some(&target.place), disk, builder),
        Err(error) => {
            let problem = Problem::new(target.place.clone(), format!("{error:#}"));
            builder.lose(LintFinding::new(&LOCATION, problem));
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};

    use super::{Disk, FileIdentity, LoadRequest, PathMeaning, load};
    use crate::catalog::{Catalog, Which};

    /// Loads `root.yaml` from files in memory; a pattern is a prefix and a star.
    fn load_from(files: &[(&str, &str)]) -> anyhow::Result<Catalog> {
        let files: BTreeMap<PathBuf, String> =
            files.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_string())).collect();
        let expand = |path: &Path| {
            let pattern = path.display().to_string();
            let (prefix, any) = pattern.strip_suffix('*').map_or((pattern.as_str(), false), |p| (p, true));
            let fits = |file: &&PathBuf| {
                let file = file.display().to_string();
                if any { file.starts_with(prefix) } else { file == prefix }
            };
            let found: Vec<PathBuf> = files.keys().filter(fits).cloned().collect();
            Ok(PathMeaning { files: found, is_file: !any, unread: Vec::new() })
        };
        let read = |path: &Path| match files.get(path) {
            Some(text) if text == "unreadable" => anyhow::bail!("{} is a socket", path.display()),
            Some(text) => Ok(text.clone().into_bytes()),
            None => anyhow::bail!("gone"),
        };
        let identity = |path: &Path| FileIdentity::Path(path.to_path_buf());
        let include = |_: &Path, target: &str| Ok(files.get(Path::new(target)).cloned());
        let local = |_: &Path, url: &str| url.strip_prefix("https://here/").map(PathBuf::from);
        let paths = [PathBuf::from("root.yaml")];
        let disk = Disk {
            expand: &expand,
            follow: &|_, path| expand(path),
            name: &|path| path.display().to_string(),
            read: &read,
            identity: &identity,
            include: &include,
            local: &local,
        };
        load(&LoadRequest { paths: &paths, kinds: &[], is_forgiving: false }, &disk)
    }

    fn location(spec: &str) -> String {
        format!("apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {{name: all}}\nspec: {spec}\n")
    }

    fn user(name: &str) -> String {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {{name: {name}}}\nspec: {{memberOf: []}}\n"
        )
    }

    #[track_caller]
    fn check(files: &[(&str, &str)], entities: &[&str], problems: &[&str]) {
        let catalog = load_from(files).expect("loaded");
        assert_eq!(catalog.entities.keys().map(ToString::to_string).collect::<Vec<_>>(), entities);
        assert_eq!(catalog.problems.iter().map(ToString::to_string).collect::<Vec<_>>(), problems);
    }

    /// Where something is lost that may be a service.
    #[track_caller]
    fn check_lost(text: &str, expect: &[usize]) {
        let catalog = Catalog::of_text("c.yaml", text);
        assert_eq!(catalog.lost.iter().map(|place| place.line).collect::<Vec<_>>(), expect, "{text}");
    }

    #[test]
    fn what_may_be_a_service_is_not_lost_silently() {
        let head = "apiVersion: backstage.io/v1alpha1\n";
        check_lost(&format!("{}---\na: [\n", user("a")), &[6]);
        check_lost(&format!("{head}kind: Component\nmetadata: {{name: 'a b'}}\nspec: {{}}\n"), &[1]);
        check_lost(&format!("{head}kind: Componnet\nmetadata: {{name: a}}\nspec: {{}}\n"), &[1]);
        check_lost(&format!("{head}metadata: {{name: a}}\nspec: {{}}\n"), &[1]);
        check_lost(&format!("{head}kind: User\nmetadata: {{name: 'a b'}}\nspec: {{memberOf: []}}\n"), &[]);
        check_lost("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: 'a b'}\n", &[]);
        check_lost(
            &format!(
                "{head}kind: Resource\nmetadata: {{name: 'a b', annotations: {{backstage.io/kubernetes-id: x}}}}\nspec: {{}}\n"
            ),
            &[1],
        );
        check_lost(&user("a"), &[]);
    }

    #[test]
    fn locations_are_followed_each_file_once() {
        check(
            &[
                ("root.yaml", &location("{targets: [./sub/*, root.yaml, sub/a.yaml]}")),
                ("sub/a.yaml", &location("{target: ./b.yaml}").replace("name: all", "name: sub")),
                ("sub/b.yaml", &user("b")),
            ],
            &["location:default/all", "location:default/sub", "user:default/b"],
            &[],
        );
    }

    #[test]
    fn what_cannot_be_followed_is_told_at_its_place() {
        check(
            &[
                ("root.yaml", &location("{targets: [none.yaml, 'https://x/y.yaml', bad.yaml]}")),
                ("bad.yaml", "unreadable"),
            ],
            &["location:default/all"],
            &["root.yaml:4:18: none.yaml does not exist", "bad.yaml: is a socket"],
        );
        check(
            &[("root.yaml", &location("{target: none.yaml, presence: optional}"))],
            &["location:default/all"],
            &[],
        );
        assert!(load_from(&[]).expect_err("no root").to_string().contains("root.yaml"));
    }

    #[test]
    fn a_fault_is_told_once_and_with_its_cause() {
        let component = |spec: &str| {
            format!(
                "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: a}}\nspec: {spec}\n"
            )
        };
        let told = |spec: &str| {
            let catalog = Catalog::of_text("c.yaml", &component(spec));
            let told = catalog
                .problems
                .iter()
                .map(|one| (one.to_string(), one.problem.hint.clone().unwrap_or_default()));
            told.collect::<Vec<_>>()
        };
        let empty = ("c.yaml:4:38: spec.owner must not be empty".to_string(), String::new());
        assert_eq!(told("{type: s, lifecycle: l, owner: \"\"}"), [empty]);
        let merged = "<< merges nothing, here as in Backstage: write its fields out".to_string();
        let missing = ("c.yaml:4:7: spec.type is missing: a Component must have it".to_string(), merged);
        assert_eq!(told("{<<: {type: s}, lifecycle: l, owner: a}"), [missing]);
    }

    #[test]
    fn one_bad_document_or_duplicate_costs_only_itself() {
        let text = format!("{}---\na: [\n---\n{}---\n{}", user("a"), user("b"), user("A"));
        check(
            &[("root.yaml", &text)],
            &["user:default/a", "user:default/b"],
            &[
                "root.yaml:6:4: unclosed bracket '['",
                "root.yaml:3:18: user:default/a is declared twice, and metadata.name differs",
            ],
        );
        let catalog = load_from(&[("root.yaml", &text)]).expect("loaded");
        assert_eq!(catalog.problems[1].problem.hint.as_deref(), Some("the one at root.yaml:15:18 counts"));
    }

    #[test]
    fn no_mutation_of_a_catalog_panics() {
        const EXAMPLE: &str = include_str!("../../catalog.example.yaml");
        let mut state = 0x853c_49e6_748f_ea9b_u64;
        let mut random = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % below as u64).expect("small")
        };
        let documents: Vec<&str> = EXAMPLE.split("---\n").collect();
        for _ in 0..300 {
            let mut lines: Vec<String> = (0..4)
                .flat_map(|_| ["---"].into_iter().chain(documents[random(documents.len())].lines()))
                .map(str::to_string)
                .collect();
            for _ in 0..3 {
                let (from, to) = (random(lines.len()), random(lines.len()));
                match random(3) {
                    0 => lines.swap(from, to),
                    1 => drop(lines.remove(from)),
                    _ => {
                        lines[from] =
                            lines[from].replace(": ", [": [", ": 1", ": :", ": *", ": /"][random(5)])
                    }
                }
            }
            let catalog = Catalog::of_text("m", &lines.join("\n"));
            let services = catalog.services(&Which::default()).expect("no word was given");
            assert!(services.len() <= 4 && catalog.findings(Some(&[])).len() < 1000);
        }
    }
}
