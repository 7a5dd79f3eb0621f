//! Fleets that a test makes itself: a directory of files.

use std::path::Path;

use crate::support::Board;

/// A board on a fleet of these files; the directory lives as long as the first value.
pub fn fleet(files: &[(&str, &str)]) -> (tempfile::TempDir, Board) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        let path: &Path = &directory.path().join(name);
        std::fs::create_dir_all(path.parent().expect("below it")).expect("created");
        std::fs::write(path, text).expect("written");
    }
    let board = Board::at(directory.path());
    (directory, board)
}

/// A catalog of one component `web`, which runs wherever something carries its label.
pub const CATALOG: &str = "
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: web, annotations: {backstage.io/kubernetes-id: web}}
spec: {type: service, lifecycle: production, owner: team-web}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-web}
spec: {type: team, children: []}
";

/// A Deployment of one container, with more of its spec.
pub fn deployment(kind: &str, namespace: &str, replicas: usize, container: &str, more: &str) -> String {
    let group = if kind == "Rollout" { "argoproj.io/v1alpha1" } else { "apps/v1" };
    format!(
        "apiVersion: {group}
kind: {kind}
metadata: {{name: web, namespace: {namespace}, labels: {{backstage.io/kubernetes-id: web}}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web, backstage.io/kubernetes-id: web}}}}
    spec: {{containers: [{{name: app, image: 'web:1', {container}}}]}}
---
apiVersion: v1
kind: Pod
metadata: {{name: web-1, namespace: {namespace}, labels: {{app: web, backstage.io/kubernetes-id: web}}, ownerReferences: [{{apiVersion: {group}, kind: {kind}, name: web, controller: true}}]}}
spec: {{nodeName: node-1, containers: [{{name: app, image: 'web:1'}}]}}
status: {{phase: Running, containerStatuses: [{{name: app, image: 'web:1', imageID: 'web@sha256:aaa', ready: true, state: {{running: {{}}}}}}]}}
---
{more}"
    )
}
