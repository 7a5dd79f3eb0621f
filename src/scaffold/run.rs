//! Runs the steps of a template in memory, as Backstage's workflow runner does, and says what is to be done afterwards.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use crate::expression::{Fuel, StepStatus};
use crate::scaffold::actions::{Action, ActionTrouble, RUN_FUEL, Workspace, World, find};
use crate::scaffold::parameters;
use crate::scaffold::request::{Request, RunOutcome, StepOutcome, StepState};
use crate::scaffold::schema::violations;
use crate::scaffold::server_steps::{Refused, misspelt, problem, read_by, read_in, writes};
use crate::scaffold::step_inputs::{StepScope, is_truthy};
use crate::scaffold::template::{Step, Template};
use crate::tree::{Tree, portable};
use crate::yaml::{Problem, step as escaped};

/// Runs every step; `source` is the template's directory, with where it lies in its repository. What only a server can do is left
/// out, and so is what reads its outputs; where that would decide about files, the errors say so, before anything could be written.
pub fn run(
    template: &Template,
    (source, base): (&Tree, &str),
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
            base,
            template,
            world,
            lenient: request.lenient,
            absent: BTreeSet::new(),
            log: Vec::new(),
            effects: Vec::new(),
            warnings: Vec::new(),
            fuel: Fuel::of_run(RUN_FUEL),
            written: 0,
        },
        outcomes: Vec::new(),
        refused: Vec::new(),
        left_out: BTreeSet::new(),
        reads: None,
        failure: None,
    };
    for name in ["secrets", "user", "environment"] {
        runner.absent.insert(name.into());
    }
    template.steps.iter().for_each(|step| runner.step(step));
    if !runner.refused.is_empty() {
        return Err(runner.refused);
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
    /// Steps that can neither run nor be left out.
    refused: Vec<Problem>,
    /// Ids of steps that were left out, because of the server that they need.
    left_out: BTreeSet<String>,
    /// The output by which the step that is run now is left out.
    reads: Option<String>,
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
        // Of several steps with one id, the one that ran counts.
        let has_run = self.context["steps"].get(&step.id).is_some();
        if state != StepState::Ran && !has_run {
            self.absent.insert(format!("steps.{}", step.id));
        } else {
            self.absent.remove(&format!("steps.{}", step.id));
        }
        match state {
            StepState::LeftOut if !has_run => _ = self.left_out.insert(step.id.clone()),
            _ if has_run => _ = self.left_out.remove(&step.id),
            _ => {}
        }
        let hidden = |line: String| {
            let secrets =
                self.request.secrets.values().filter_map(Json::as_str).filter(|secret| !secret.is_empty());
            secrets.fold(line, |line, secret| line.replace(secret, "***"))
        };
        let log = std::mem::take(&mut self.workspace.log).into_iter().map(hidden).collect();
        let (id, action) = (step.id.clone(), step.action.clone());
        let reads = self.reads.take();
        self.outcomes.push(StepOutcome { id, action, state, reads, log });
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
        let action = find(self.actions, &step.action);
        // A condition on what a server would have said has no answer here.
        let unknown = match (&step.condition, self.request.lenient) {
            (Some(condition), false) => read_in(condition, &self.left_out),
            _ => None,
        };
        if unknown.is_none() && !self.scope().wanted(step)? {
            return Ok(StepState::Skipped);
        }
        let Some(action) = action else {
            let refused = match (self.request.strict, misspelt(&step.action)) {
                (true, None) => Some(Refused::NeedsServer),
                (_, Some(known)) => Some(Refused::Misspelt(known)),
                _ => writes(&step.action).then_some(Refused::Writes),
            };
            self.refused.extend(refused.map(|refused| problem(self.template, step, &refused)));
            return Ok(StepState::LeftOut);
        };
        if !self.request.lenient
            && let Some((id, output)) = unknown.or_else(|| read_by(step, &self.left_out))
        {
            self.reads = Some(format!("steps.{id}.output.{output}").trim_end_matches('.').to_string());
            if action.writes || self.request.strict {
                self.refused.push(problem(self.template, step, &Refused::Reads(id, output)));
            }
            return Ok(StepState::LeftOut);
        }
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
        let mut warnings = std::mem::take(&mut self.workspace.warnings);
        if self.failure.is_none() {
            output = self.output(&mut warnings);
            self.failure = self.unwritable().or_else(|| self.nothing_left());
        }
        let (tree, effects) = (self.workspace.tree, self.workspace.effects);
        RunOutcome { tree, effects, output, steps: self.outcomes, warnings, failure: self.failure }
    }

    /// Links and texts whose condition does not hold are left out. (Backstage shows one whose condition is undefined.) What cannot be
    /// rendered is left out too: the project is made by then, and no link is worth losing it.
    fn output(&self, warnings: &mut Vec<Problem>) -> Json {
        let mut output = Map::new();
        for (name, value) in self.template.output.as_object().into_iter().flatten() {
            let pointer = format!("/spec/output/{}", escaped(name));
            let rendered = match (name.as_str(), value) {
                ("links" | "text", Json::Array(items)) => {
                    let kept = items.iter().enumerate().filter_map(|(index, item)| {
                        self.output_item(item, &format!("{pointer}/{index}"), warnings)
                    });
                    Some(Json::Array(kept.collect()))
                }
                _ => self.output_value(value, &pointer, warnings),
            };
            output.extend(rendered.map(|rendered| (name.clone(), rendered)));
        }
        Json::Object(output)
    }

    /// Ids of steps that were left out, by the request too, so that they put nothing out.
    fn silent(&self) -> BTreeSet<String> {
        let left =
            |step: &&StepOutcome| matches!(step.state, StepState::LeftOut | StepState::SkippedByRequest);
        let ids = self.outcomes.iter().filter(left).map(|step| step.id.clone());
        ids.filter(|id| self.context["steps"].get(id).is_none()).collect()
    }

    fn output_value(&self, value: &Json, pointer: &str, warnings: &mut Vec<Problem>) -> Option<Json> {
        match self.scope().rendered(value, pointer, &self.context) {
            Ok(rendered) => rendered.value,
            Err(problem) => {
                warnings.push(problem);
                None
            }
        }
    }

    /// A link or a text, unless its condition says no or it cannot be rendered.
    fn output_item(&self, item: &Json, pointer: &str, warnings: &mut Vec<Problem>) -> Option<Json> {
        // With the output of a step that did not run, half of a URL would be left.
        if !self.request.lenient && read_in(item, &self.silent()).is_some() {
            return None;
        }
        let rendered = self.output_value(item, pointer, warnings)?;
        let Json::Object(mut rendered) = rendered else { return Some(rendered) };
        let conditional = item.get("if").is_some() && !self.request.lenient;
        match rendered.remove("if") {
            Some(condition) if !is_truthy(&condition) => None,
            None if conditional => None,
            _ => Some(Json::Object(rendered)),
        }
    }

    /// Steps were left out, and the others made no file.
    fn nothing_left(&self) -> Option<Problem> {
        let left_out = self.outcomes.iter().any(|step| step.state == StepState::LeftOut);
        (left_out && self.workspace.tree.is_empty()).then(|| {
            let left = self.outcomes.iter().filter(|step| step.state == StepState::LeftOut);
            let left: Vec<String> = left.map(|step| format!("'{}' ({})", step.id, step.action)).collect();
            let message = format!(
                "nothing is left to write without the steps that need a Backstage server: {}",
                left.join(", ")
            );
            self.template.document.problem("/spec/steps", message)
        })
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
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json, json};

    use super::run;
    use crate::scaffold::actions::{ACTIONS, Effect, World};
    use crate::scaffold::drift::{LockedFileState, drifted};
    use crate::scaffold::lock::{self, Lock, Origin, Policy};
    use crate::scaffold::request::{Request, RunOutcome, StepState};
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
        run(&template(steps), (&tree(files), ""), &asked("svc"), &Nowhere, ACTIONS)
            .expect("nothing unsupported")
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
    fn what_only_a_server_can_do_is_left_out() {
        let steps = format!(
            "{FETCH}  - {{id: argocd, action: \"argocd:create-resources\", input: {{}}}}
  - {{id: not-asked, action: \"http:request\", if: \"${{{{ parameters.docs }}}}\", input: {{}}}}
  - {{id: pub, if: \"${{{{ steps.argocd.output.ready }}}}\", action: \"publish:github\", input: {{repoUrl: \"github.com?owner=a&repo=b\"}}}}
  - {{id: register, action: \"catalog:register\", input: {{catalogInfoUrl: \"${{{{ steps.pub.output.remoteUrl }}}}/x\"}}}}
  output: {{links: [{{title: Argo, url: \"https://${{{{ steps.argocd.output.url }}}}/x\"}}, {{title: Docs, url: \"https://d\"}}]}}
"
        );
        let template = template(&steps);
        let source = tree(&[("s/a", "a")]);
        let outcome = run(&template, (&source, ""), &asked("svc"), &Nowhere, ACTIONS).expect("left out");
        assert_eq!((outcome.failure, outcome.warnings), (None, Vec::new()));
        // Half of a URL is no link.
        assert_eq!(outcome.output, json!({"links": [{"title": "Docs", "url": "https://d"}]}));
        let told: Vec<(StepState, Option<&str>)> =
            outcome.steps.iter().map(|step| (step.state, step.reads.as_deref())).collect();
        assert_eq!(
            told,
            [
                (StepState::Ran, None),
                (StepState::LeftOut, None),
                (StepState::Skipped, None),
                (StepState::LeftOut, Some("steps.argocd.output.ready")),
                (StepState::LeftOut, Some("steps.pub.output.remoteUrl")),
            ]
        );

        let strict = Request { strict: true, ..asked("svc") };
        let problems = run(&template, (&source, ""), &strict, &Nowhere, ACTIONS).expect_err("refused");
        let expected = "t/template.yaml:19:26: step 2 \"argocd\" uses action argocd:create-resources, which runs only on a Backstage server; its output ready is used by step 'pub'; its output url is used by output.links[0]";
        assert_eq!(problems[0].to_string(), expected);
        assert_eq!(problems.len(), 3, "{problems:?}");
        let hint = problems[0].hint.as_deref().unwrap_or_default();
        assert!(hint.contains("--skip argocd") && hint.contains("--stub argocd.ready="), "{hint}");

        let outputs = [("url".to_string(), Json::from("a")), ("ready".to_string(), Json::from(true))];
        let outputs = Map::from_iter(outputs);
        let stubs = [("argocd".to_string(), outputs)].into();
        let stubbed = Request { stubs, ..asked("svc") };
        let outcome = run(&template, (&source, ""), &stubbed, &Nowhere, ACTIONS).expect("stubbed");
        assert_eq!(outcome.output["links"][0]["url"], "https://a/x");
    }

    #[track_caller]
    fn refused(steps: &str, expect: &str) {
        let files = tree(&[("s/a", "a")]);
        let outcome = run(&template(steps), (&files, ""), &asked("svc"), &Nowhere, ACTIONS);
        let told = match outcome {
            Err(problems) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            Ok(outcome) => outcome.failure.expect("a failure").to_string(),
        };
        assert!(told.contains(expect), "{told}");
    }

    #[test]
    fn what_decides_about_files_is_never_left_out() {
        let server = "  steps:\n  - {id: id, action: \"acme:id\"}\n";
        let reads = "  - {id: f, action: \"fetch:template\", input: {url: ./s, values: {id: \"${{ steps.id.output.id }}\"}}}\n";
        refused(
            &format!("{server}{reads}"),
            "step 2 \"f\" makes files by what step \"id\" (acme:id) puts out",
        );
        let asks =
            "  - {id: f, action: \"fetch:plain\", if: \"${{ steps.id.output.id }}\", input: {url: ./s}}\n";
        refused(&format!("{server}{asks}"), "step 2 \"f\" makes files");
        let guess = "  - {id: f, action: \"fs:delete\", input: {files: [\"${{ steps.id.output.id | default('x') }}\"]}}\n";
        refused(&format!("{server}{guess}"), "step 2 \"f\" makes files");
        refused("  steps:\n  - {action: \"fetch:rails\"}\n", "makes files");
        refused("  steps:\n  - {action: \"fetch:tempalte\", input: {url: ./s}}\n", "which there is not");
        refused(server, "nothing is left to write");
    }

    #[test]
    fn of_two_steps_with_one_id_the_one_that_ran_counts() {
        let steps = "  steps:
  - {id: f, action: \"fetch:plain\", input: {url: ./s}}
  - {id: p, if: \"${{ parameters.name == 'svc' }}\", action: \"publish:github\", input: {repoUrl: \"github.com?owner=a&repo=b\"}}
  - {id: p, if: \"${{ parameters.name == 'other' }}\", action: \"publish:gitlab\", input: {repoUrl: \"gitlab.com?owner=a&repo=b\"}}
  output: {links: [{url: \"${{ steps.p.output.remoteUrl }}\"}]}
";
        for (name, remote) in [("svc", "https://github.com/a/b.git"), ("other", "https://gitlab.com/a/b.git")]
        {
            let files = tree(&[("s/a", "a")]);
            let outcome = run(&template(steps), (&files, ""), &asked(name), &Nowhere, ACTIONS).expect("runs");
            assert_eq!(outcome.failure, None);
            assert_eq!(outcome.output["links"][0]["url"], remote);
        }
    }

    #[test]
    fn what_is_published_is_what_lay_there_then() {
        let steps = "  steps:
  - {action: \"fetch:plain\", input: {url: ./s}}
  - {action: \"publish:github\", input: {repoUrl: \"github.com?owner=a&repo=one\"}}
  - {action: \"fs:rename\", input: {files: [{from: a, to: ops/b}]}}
  - {action: \"publish:github\", input: {repoUrl: \"github.com?owner=a&repo=two\", sourcePath: ops}}
";
        let outcome = ran(steps, &[("s/a", "a")]);
        assert_eq!(outcome.failure, None);
        let trees: Vec<Vec<&str>> = outcome
            .effects
            .iter()
            .map(|effect| match effect {
                Effect::Publish(publish) => publish.tree.iter().map(|(path, _)| path).collect(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(trees, [["a"], ["b"]]);
    }

    #[test]
    fn no_comment_and_no_link_loses_a_project() {
        let steps = format!(
            "{FETCH}  output: {{links: [{{url: \"${{{{ steps.none.output.x }}}}\"}}, {{url: \"https://x\"}}]}}\n"
        );
        let outcome = ran(&steps, &[("s/a.yaml", "# ${{ values.nope }}\nb: ${{ values.name }}\n")]);
        assert_eq!(outcome.failure, None);
        assert_eq!(outcome.tree.get("a.yaml"), Some(&TreeEntry::text("# \nb: svc\n")));
        assert_eq!(outcome.output, json!({"links": [{"url": "https://x"}]}));
        let told: Vec<String> = outcome.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "t/s/a.yaml:1:14: 'values.nope' is undefined",
                "t/template.yaml:19:37: 'steps.none' is undefined"
            ]
        );
        fails(FETCH, &[("s/a.md", "# ${{ values.nope }}")], "t/s/a.md:1:14: 'values.nope' is undefined", "");
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
    }

    #[test]
    fn secrets_stay_out_of_the_log() {
        let template =
            template("  steps:\n  - {action: \"debug:log\", input: {message: \"token ${{ secrets.t }}\"}}\n");
        let secrets = Map::from_iter([("t".to_string(), Json::from("hush"))]);
        let outcome =
            run(&template, (&Tree::default(), ""), &Request { secrets, ..asked("svc") }, &Nowhere, ACTIONS)
                .expect("runs");
        assert_eq!(outcome.steps[0].log, ["token ***"]);
    }

    #[test]
    fn the_lock_reads_back_and_knows_what_was_edited() {
        let template = template(FETCH);
        let request = asked("svc");
        let files = [("s/main.go", "m"), ("s/.github/ci.yml", "c"), ("s/a", "a"), ("s/b", "b")];
        let mut outcome = run(&template, (&tree(&files), ""), &request, &Nowhere, ACTIONS).expect("runs");
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
        let drifted: Vec<(&str, LockedFileState)> =
            drifted(layer, &outcome.tree, None).iter().map(|file| (file.path, file.state)).collect();
        assert_eq!(drifted, [("a", LockedFileState::Edited), ("b", LockedFileState::Deleted)]);
    }
}
