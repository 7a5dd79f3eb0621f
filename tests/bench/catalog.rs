//! A catalog that is read: 10,000 entities in one file, and 50,000 in as many, beside other readers of the same file; and one in which
//! every Component is placed in clusters of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::measure::{Run, Runner, compare, run};
use crate::{Options, builds, clean};

/// What PyYAML and js-yaml do with every document: read it, and say how many there were.
const PYTHON: &str =
    "import sys, yaml\nprint(sum(1 for _ in yaml.load_all(open(sys.argv[1]), Loader=yaml.CSafeLoader)))";
const NODE: &str = "const y = require('js-yaml'), fs = require('fs');\nconsole.log(y.loadAll(fs.readFileSync(process.argv[1], 'utf8')).length)";

pub fn catalog(home: &Path, options: &Options) {
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join("catalog.yaml");
    let documents: Vec<String> = (0..10_000).map(|number| entity(number, 10_000)).collect();
    std::fs::write(&file, documents.join("---\n")).expect("written");
    let mut runners = ours(home, options, &file, "services -o name");
    runners.extend(ours(home, options, &file, "services svc-7 -o name"));
    runners.extend(others(home, &file));
    compare("catalog: 10,000 entities in one file", options.rounds, &runners);
    let long = folder.path().join("long.yaml");
    let documents: Vec<String> = (0..25_000).map(|number| entity(number, 25_000)).collect();
    std::fs::write(&long, documents.join("---\n")).expect("written");
    compare(
        "catalog: 25,000 entities in one file",
        options.rounds,
        &ours(home, options, &long, "services -o name"),
    );
    let placed = folder.path().join("placed.yaml");
    let documents: Vec<String> =
        (0..10_000).flat_map(|number| [placed_entity(number), cluster(number)]).collect();
    std::fs::write(&placed, documents.join("---\n")).expect("written");
    let mut runners = ours(home, options, &placed, "services -o name");
    runners.extend(ours(home, options, &placed, "catalog validate"));
    compare("catalog: 10,000 Components in 10,000 clusters", options.rounds.min(3), &runners);
    let many = folder.path().join("many");
    for number in 0..50_000 {
        let directory = many.join(format!("d{}", number % 500));
        std::fs::create_dir_all(&directory).expect("a directory");
        std::fs::write(directory.join(format!("c{number}.yaml")), entity(number, 50_000)).expect("written");
    }
    compare("catalog: 50,000 files", options.rounds.min(3), &ours(home, options, &many, "services -o name"));
}

fn ours<'a>(home: &'a Path, options: &Options, catalog: &Path, words: &str) -> Vec<Runner<'a>> {
    let words = format!("{words} --catalog {}", catalog.display());
    let runner = |(name, path): (String, PathBuf)| {
        let (words, shown) = (words.clone(), words.split(" --").next().unwrap_or_default().to_string());
        Runner {
            name: format!("{name} {shown}"),
            run: Box::new(move || run(&mut clean(&path, home, &words), None)),
        }
    };
    builds(options).into_iter().map(runner).collect()
}

/// Other readers, where they are to be had: `$PYTHON` with PyYAML, and node with js-yaml in `$NODE_PATH`.
fn others<'a>(home: &'a Path, file: &Path) -> Vec<Runner<'a>> {
    let programs = [("PyYAML's C loader", "python3", "-c", PYTHON), ("js-yaml", "node", "-e", NODE)];
    let mut found = Vec::new();
    for (name, program, flag, script) in programs {
        let file = file.to_path_buf();
        let once = move || -> Run {
            let mut command = Command::new(program);
            command.current_dir(home).arg(flag).arg(script).arg(&file).stderr(std::process::Stdio::null());
            run(&mut command, None)
        };
        if Command::new(program).arg("--version").output().is_ok() && once().lines == 1 {
            found.push(Runner { name: name.to_string(), run: Box::new(once) });
        }
    }
    found
}

/// A Component that is placed in two clusters, and depends on a third.
fn placed_entity(number: usize) -> String {
    let clusters = format!("cluster-{number},cluster-{}", number * 7 % 10_000);
    let id = format!("    backstage.io/kubernetes-id: svc-{number}\n");
    entity(number, 10_000)
        .replace(&id, &format!("{id}    backstage.io/kubernetes-cluster: {clusters}\n"))
        .replace("dependsOn:\n", &format!("dependsOn:\n    - resource:cluster-{}\n", number * 3 % 10_000))
}

fn cluster(number: usize) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata:\n  name: cluster-{number}\n  annotations:\n    \
         kubernetes.io/api-server: https://cluster-{number}.example.com\nspec:\n  type: kubernetes-cluster\n  owner: team-{}\n",
        number % 200
    )
}

/// A Component as people write them, of about 600 bytes.
fn entity(number: usize, all: usize) -> String {
    let (team, system, next) = (number % 200, number % 300, (number + 1) % all);
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: svc-{number}\n  title: Service number {number}\n  \
         description: Does the things that service number {number} does, for everyone who needs them done\n  labels:\n    tier: \"1\"\n  \
         annotations:\n    backstage.io/kubernetes-id: svc-{number}\n    backstage.io/kubernetes-namespace: shop\n    \
         github.com/project-slug: example/svc-{number}\n  tags: [java, pci]\n  links:\n    - url: https://runbooks.example.com/svc-{number}\n      \
         title: Runbook\nspec:\n  type: service\n  lifecycle: production\n  owner: team-{team}\n  system: system-{system}\n  \
         dependsOn:\n    - component:svc-{next}\n"
    )
}
