//! Runs the steps of a template in memory, as Backstage's workflow runner does, and says what is to be done afterwards.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use crate::expression::{Fuel, StepStatus};
use crate::scaffold::actions::{Action, ActionTrouble, RUN_FUEL, Workspace, World, find};
use crate::scaffold::parameters;
use crate::scaffold::request::{Request, RunOutcome, StepOutcome, StepState};
use crate::scaffold::schema::violations;
use crate::scaffold::step_inputs::{StepScope, is_truthy};
use crate::scaffold::template::{Step, Template};
use crate::scaffold::unsupported::{self, Unsupported};
use crate::tree::{Tree, portable};
use crate::yaml::Problem;

/// Runs every step. Errors are found before anything could be written: steps that only a server can do, each with who reads
/// its outputs.
pub fn run(
    template: &Template,
    source: &Tree,
    request: &Request,
    world: &dyn World,
    actions: &[Action],
) -> Result<RunOutcome, Vec<Problem>> {
    let mut context = Map::new();
    context.insert("parameters".into(), Json::Object(request.parameters.clone()));
    context.insert("steps".into(), json!({}));
    context.insert("environment".into(), json!({"parameters": {}, "secrets": {}}));
    context.insert("context".into(), json!({"task": {"id": "task"}}));
    if let Some(user) = &request.user {
        context.insert("user".into(), user.clone());
    }
    let mut runner = Runner {
        template,
        request,
        actions,
        context,
        absent: parameters::unanswered(template, &request.parameters),
        status: StepStatus::default(),
        workspace: Workspace {
            tree: Tree::default(),
            source,
            template,
            world,
            lenient: request.lenient,
            absent: BTreeSet::new(),
            log: Vec::new(),
            effects: Vec::new(),
            fuel: Fuel::of_run(RUN_FUEL),
            written: 0,
        },
        outcomes: Vec::new(),
        unsupported: Vec::new(),
        failure: None,
    };
    for name in ["secrets", "user", "environment"] {
        runner.absent.insert(name.into());
    }
    template.steps.iter().for_each(|step| runner.step(step));
    if !runner.unsupported.is_empty() {
        return Err(unsupported::problems(template, &runner.unsupported));
    }
    Ok(runner.finish())
}

struct Runner<'a> {
    template: &'a Template,
    request: &'a Request,
    actions: &'a [Action],
    context: Map<String, Json>,
    absent: BTreeSet<String>,
    status: StepStatus,
    workspace: Workspace<'a>,
    outcomes: Vec<StepOutcome>,
    unsupported: Vec<Unsupported>,
    failure: Option<Problem>,
}

impl Runner<'_> {
    fn scope(&self) -> StepScope<'_> {
        StepScope {
            template: self.template,
            request: self.request,
            context: &self.context,
            absent: &self.absent,
            status: &self.status,
            fuel: &self.workspace.fuel,
        }
    }

    fn step(&mut self, step: &Step) {
        let state = match self.attempt(step) {
            Ok(state) => state,
            Err(problem) => {
                self.status.failed = true;
                self.failure.get_or_insert(problem);
                StepState::Failed
            }
        };
        if state != StepState::Ran && !self.request.stubs.contains_key(&step.id) {
            self.absent.insert(format!("steps.{}", step.id));
        }
        let hidden = |line: String| {
            let secrets =
                self.request.secrets.values().filter_map(Json::as_str).filter(|secret| !secret.is_empty());
            secrets.fold(line, |line, secret| line.replace(secret, "***"))
        };
        let log = std::mem::take(&mut self.workspace.log).into_iter().map(hidden).collect();
        let (id, action) = (step.id.clone(), step.action.clone());
        self.outcomes.push(StepOutcome { id, action, state, log });
    }

    fn attempt(&mut self, step: &Step) -> Result<StepState, Problem> {
        if let Some(outputs) = self.request.stubs.get(&step.id) {
            self.keep_outputs(step, Json::Object(outputs.clone()));
            return Ok(StepState::SkippedByRequest);
        }
        if self.request.skip.contains(&step.id) {
            return Ok(StepState::SkippedByRequest);
        }
        if self.status.failed && !self.scope().asks_for_status(step) {
            return Ok(StepState::Skipped);
        }
        if !self.scope().wanted(step)? {
            return Ok(StepState::Skipped);
        }
        let Some(action) = find(self.actions, &step.action) else {
            if !self.request.skip_unsupported {
                self.unsupported.push(Unsupported { step: step.id.clone() });
            }
            return Ok(StepState::SkippedByRequest);
        };
        let iterations = self.scope().iterations(step)?;
        for (key, iteration) in &iterations {
            self.check_input(step, action, key.as_deref(), &iteration.input)?;
        }
        let mut outputs = Map::new();
        for (key, iteration) in iterations {
            self.workspace.absent = iteration.absent;
            let made = (action.run)(&mut self.workspace, &iteration.input)
                .map_err(|trouble| self.problem_of_step(step, trouble))?;
            for (name, value) in made {
                match (&key, outputs.get_mut(&name)) {
                    (Some(_), Some(Json::Array(list))) => list.push(value),
                    (Some(_), _) => _ = outputs.insert(name, Json::Array(vec![value])),
                    (None, _) => _ = outputs.insert(name, value),
                }
            }
        }
        for name in action.outputs.iter().filter(|name| !outputs.contains_key(**name)) {
            self.absent.insert(format!("steps.{}.output.{name}", step.id));
        }
        self.keep_outputs(step, Json::Object(outputs));
        Ok(StepState::Ran)
    }

    fn keep_outputs(&mut self, step: &Step, outputs: Json) {
        if let Some(Json::Object(steps)) = self.context.get_mut("steps") {
            steps.insert(step.id.clone(), json!({"output": outputs}));
        }
    }

    fn check_input(
        &self,
        step: &Step,
        action: &Action,
        key: Option<&str>,
        input: &Map<String, Json>,
    ) -> Result<(), Problem> {
        let schema: Json = serde_json::from_str(action.schema).unwrap_or(Json::Bool(true));
        let Some(first) = violations(&schema, &Json::Object(input.clone())).into_iter().next() else {
            return Ok(());
        };
        let field = first.pointer.trim_start_matches('/').replace('/', ".");
        let turn = key.map(|key| format!("[{key}]")).unwrap_or_default();
        let message = format!("{}{turn}: the input {field} {}", step.action, first.message);
        let place = self.template.document.place(&format!("{}/input{}", step.pointer, first.pointer));
        Err(Problem::new(place, message))
    }

    fn problem_of_step(&self, step: &Step, trouble: ActionTrouble) -> Problem {
        match trouble {
            ActionTrouble::InFile(problem) => problem,
            ActionTrouble::Plain { message, hint } => {
                let message = format!("step '{}' ({}): {message}", step.id, step.action);
                let problem = self.template.document.problem(&step.pointer, message);
                match hint {
                    Some(hint) => problem.hint(hint),
                    None => problem,
                }
            }
        }
    }

    fn finish(mut self) -> RunOutcome {
        let mut output = json!({});
        if self.failure.is_none() {
            match self.output() {
                Ok(rendered) => output = rendered,
                Err(problem) => self.failure = Some(problem),
            }
        }
        if self.failure.is_none() {
            self.failure = self.unwritable();
        }
        let (tree, effects) = (self.workspace.tree, self.workspace.effects);
        RunOutcome { tree, effects, output, steps: self.outcomes, failure: self.failure }
    }

    /// Links and texts whose condition does not hold are left out. (Backstage shows one whose condition is undefined.)
    fn output(&self) -> Result<Json, Problem> {
        let rendered = self.scope().rendered(&self.template.output, "/spec/output", &self.context)?;
        let mut output = rendered.value.unwrap_or_else(|| json!({}));
        for list in ["links", "text"] {
            let Some(Json::Array(items)) = output.get_mut(list) else { continue };
            let given = &self.template.output[list];
            let mut kept = Vec::new();
            for (index, item) in items.drain(..).enumerate() {
                let Json::Object(mut item) = item else {
                    kept.push(item);
                    continue;
                };
                let conditional = given[index].get("if").is_some() && !self.request.lenient;
                match item.remove("if") {
                    Some(condition) if !is_truthy(&condition) => continue,
                    None if conditional => continue,
                    _ => kept.push(Json::Object(item)),
                }
            }
            *items = kept;
        }
        Ok(output)
    }

    /// A path that cannot be written on every system, if there is one.
    fn unwritable(&self) -> Option<Problem> {
        let tree = &self.workspace.tree;
        if let Some(problem) = tree.iter().find_map(|(path, _)| portable(path).err()) {
            return Some(self.template.document.problem("/spec/steps", problem.to_string()));
        }
        if let Some(problem) = tree.stray_link() {
            return Some(self.template.document.problem("/spec/steps", problem.to_string()));
        }
        let (first, second) = tree.collisions().into_iter().next()?;
        let message = format!(
            "'{first}' and '{second}' are one file where case, or how an accent is written, does not count"
        );
        Some(self.template.document.problem("/spec/steps", message))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json, json};

    use super::run;
    use crate::scaffold::actions::{ACTIONS, Effect, World};
    use crate::scaffold::lock::{self, Lock, LockedFileState, Origin, Policy, standing};
    use crate::scaffold::request::{Request, RunOutcome};
    use crate::scaffold::template::{Template, read};
    use crate::tree::{Tree, TreeEntry};

    struct Nowhere;

    impl World for Nowhere {
        fn fetch(&self, url: &str) -> Result<Tree, String> {
            Err(format!("{url} cannot be fetched offline"))
        }

        fn entity(&self, _: &str) -> Option<Json> {
            None
        }
    }

    fn template(steps: &str) -> Template {
        let text = format!(
            "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\n\
             metadata:\n  name: t\n  annotations: {{callboard.dev/version: 1.2.0, callboard.dev/once: \"*.go\", callboard.dev/owned: \".github/**\"}}\n\
             spec:\n  type: x\n  parameters:\n    properties:\n      name: {{type: string}}\n      docs: {{type: boolean}}\n      deep: {{properties: {{a: {{}}, b: {{}}}}}}\n{steps}"
        );
        read("t/template.yaml", &text).expect("a template")
    }

    fn tree(files: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::default();
        files
            .iter()
            .for_each(|(path, text)| tree.insert(path, TreeEntry::text(*text)).expect("a path that fits"));
        tree
    }

    fn asked(name: &str) -> Request {
        Request { parameters: Map::from_iter([("name".to_string(), Json::from(name))]), ..Request::default() }
    }

    fn ran(steps: &str, files: &[(&str, &str)]) -> RunOutcome {
        run(&template(steps), &tree(files), &asked("svc"), &Nowhere, ACTIONS).expect("nothing unsupported")
    }

    const FETCH: &str = "  steps:
  - id: make
    action: fetch:template
    input:
      url: ./s
      values: {name: \"${{ parameters.name }}\", docs: \"${{ parameters.docs }}\", deep: \"${{ parameters.deep }}\"}
";

    #[track_caller]
    fn fails(steps: &str, files: &[(&str, &str)], expect: &str, hint: &str) {
        let failure = ran(steps, files).failure.expect("a failure");
        assert_eq!(failure.to_string(), expect);
        assert!(failure.hint.as_deref().unwrap_or_default().contains(hint), "{:?}", failure.hint);
    }

    #[test]
    fn what_the_steps_write_together_has_an_end() {
        let wide = "x".repeat(20 << 20);
        let plain = "  steps:\n  - {id: make, action: fetch:plain, input: {url: ./s}, each: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]}\n";
        let failure = ran(plain, &[("s/wide", &wide)]).failure.expect("too much");
        assert!(failure.to_string().contains("write more than 256 MiB together, at 'wide'"), "{failure}");
        let few = plain.replace(", 13", "");
        assert_eq!(ran(&few, &[("s/wide", &wide)]).failure, None);
    }

    #[test]
    fn an_unknown_name_is_an_error_at_its_place() {
        fails(
            FETCH,
            &[("s/a", "x\ny ${{ values.nmae }}")],
            "t/s/a:2:14: 'values.nmae' is undefined",
            "did you mean 'name'",
        );
        fails(
            FETCH,
            &[("s/.github/ci.yml", "on: ${{ github.ref }}")],
            "t/s/.github/ci.yml:1:9: 'github' is undefined",
            "copyWithoutTemplating",
        );
        fails(
            FETCH,
            &[("s/a", "{% for x in values.list %}{% endfor %}")],
            "t/s/a:1:20: 'values.list' is undefined",
            "",
        );
        fails(
            &FETCH.replace("parameters.docs", "parameters.dcos"),
            &[("s/a", "")],
            "t/template.yaml:18:70: 'parameters.dcos' is undefined",
            "",
        );
    }

    #[test]
    fn a_question_without_an_answer_is_no_unknown_name() {
        let outcome = ran(
            FETCH,
            &[(
                "s/a",
                "[${{ values.docs }}][${{ values.deep.a }}]{% if values.docs %}x{% endif %}{% if values.whatever %}x{% endif %}[${{ values.other | default('d') }}]",
            )],
        );
        assert_eq!(outcome.failure, None);
        assert_eq!(outcome.tree.get("a"), Some(&TreeEntry::text("[][][d]")));
    }

    #[test]
    fn a_server_is_needed_and_missed() {
        let steps = format!(
            "{FETCH}  - {{id: argocd, action: \"argocd:create-resources\", input: {{}}}}
  - {{id: not-asked, action: \"http:request\", if: \"${{{{ parameters.docs }}}}\", input: {{}}}}
  output: {{links: [{{title: Argo, url: \"${{{{ steps.argocd.output.url }}}}\"}}]}}
"
        );
        let template = template(&steps);
        let source = tree(&[("s/a", "a")]);
        let problems = run(&template, &source, &asked("svc"), &Nowhere, ACTIONS).expect_err("unsupported");
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let expected = "t/template.yaml:19:26: step 2 \"argocd\" uses action argocd:create-resources, which runs only on a Backstage server; its output url is used by output.links[0]";
        assert_eq!(told, [expected]);
        assert!(
            problems[0]
                .hint
                .as_deref()
                .is_some_and(|hint| hint.contains("--skip argocd") && hint.contains("--stub argocd.url="))
        );

        let skip = Request { skip: ["argocd".to_string()].into(), ..asked("svc") };
        let outcome = run(&template, &source, &skip, &Nowhere, ACTIONS).expect("skipped");
        assert_eq!((outcome.failure, outcome.output), (None, json!({"links": [{"title": "Argo"}]})));

        let stubs =
            [("argocd".to_string(), Map::from_iter([("url".to_string(), Json::from("https://a"))]))].into();
        let outcome =
            run(&template, &source, &Request { stubs, ..asked("svc") }, &Nowhere, ACTIONS).expect("stubbed");
        assert_eq!(outcome.output["links"][0]["url"], "https://a");

        let outcome =
            run(&template, &source, &Request { skip_unsupported: true, ..asked("svc") }, &Nowhere, ACTIONS)
                .expect("skipped");
        assert_eq!(outcome.failure, None);
    }

    #[test]
    fn publishing_is_an_effect() {
        let steps = "  steps:
  - {id: p, action: \"publish:github\", input: {repoUrl: \"github.com?owner=acme&repo=${{ parameters.name }}\", defaultBranch: main, protectDefaultBranch: true}}
  - {id: r, action: \"catalog:register\", input: {repoContentsUrl: \"${{ steps.p.output.repoContentsUrl }}\", catalogInfoPath: /catalog-info.yaml}}
  output: {remote: \"${{ steps.p.output.remoteUrl }}\", commit: \"${{ steps.p.output.commitHash }}\"}
";
        let outcome = ran(steps, &[]);
        assert_eq!(outcome.failure, None);
        assert_eq!(outcome.output, json!({"remote": "https://github.com/acme/svc.git"}));
        let [Effect::Publish(publish), Effect::Register { url, .. }] = outcome.effects.as_slice() else {
            panic!("{:?}", outcome.effects)
        };
        assert_eq!(publish.commands, ["gh repo create acme/svc --private", "git push -u origin main"]);
        assert_eq!(url, "https://github.com/acme/svc/blob/main/catalog-info.yaml");
    }

    #[test]
    fn nothing_hostile_gets_out() {
        for name in
            ["../x", "/etc/x", "a/../../x", ".git/hooks/post-checkout", "CON", "a\u{0}b", "c:\\x", "x."]
        {
            let steps = format!(
                "  steps:\n  - {{action: \"fetch:template\", input: {{url: ./s, values: {{name: {}}}}}}}\n",
                Json::from(name)
            );
            let outcome = ran(&steps, &[("s/${{ values.name }}", "x")]);
            assert!(outcome.failure.is_some() || outcome.tree.is_empty(), "{name:?} {:?}", outcome.tree);
        }
        fails(
            "  steps:\n  - {action: \"fetch:plain\", input: {url: \"https://x/y\"}}\n",
            &[],
            "t/template.yaml:14:5: step 'step-1' (fetch:plain): https://x/y cannot be fetched offline",
            "",
        );
        let twice = [("s/A", "x"), ("s/a", "x")];
        assert!(
            ran("  steps:\n  - {action: \"fetch:plain\", input: {url: ./s}}\n", &twice)
                .failure
                .expect("a failure")
                .message
                .contains("case")
        );
    }

    #[test]
    fn secrets_stay_out_of_the_log() {
        let template =
            template("  steps:\n  - {action: \"debug:log\", input: {message: \"token ${{ secrets.t }}\"}}\n");
        let secrets = Map::from_iter([("t".to_string(), Json::from("hush"))]);
        let outcome =
            run(&template, &Tree::default(), &Request { secrets, ..asked("svc") }, &Nowhere, ACTIONS)
                .expect("runs");
        assert_eq!(outcome.steps[0].log, ["token ***"]);
    }

    #[test]
    fn the_lock_reads_back_and_knows_what_was_edited() {
        let template = template(FETCH);
        let request = asked("svc");
        let files = [("s/main.go", "m"), ("s/.github/ci.yml", "c"), ("s/a", "a"), ("s/b", "b")];
        let mut outcome = run(&template, &tree(&files), &request, &Nowhere, ACTIONS).expect("runs");
        let origin = Origin { source: "https://u:p@h/x".into(), commit: None, digest: "sha256:0".into() };
        let lock = Lock::new(lock::layer(&template, &origin, &request, &outcome).expect("globs"));
        let text = lock.to_text();
        assert!(!text.contains("u:p"), "{text}");
        assert_eq!(Lock::read("lock.yaml", &text).expect("reads back"), lock);
        assert!(Lock::read("lock.yaml", "kind: X").is_err());
        assert!(Lock::read("lock.yaml", "").is_err());
        let layer = &lock.layers[0];
        assert_eq!(layer.files["main.go"].policy, Policy::Once);
        assert_eq!(layer.files[".github/ci.yml"].policy, Policy::Owned);
        outcome.tree.insert("a", TreeEntry::text("edited")).expect("fits");
        outcome.tree.remove("b");
        let stands: Vec<LockedFileState> =
            standing(layer, &outcome.tree).into_iter().map(|(_, _, standing)| standing).collect();
        assert_eq!(
            stands,
            [
                LockedFileState::AsWritten,
                LockedFileState::Edited,
                LockedFileState::Deleted,
                LockedFileState::AsWritten
            ]
        );
    }
}
