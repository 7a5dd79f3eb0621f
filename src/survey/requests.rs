//! The requests that an inquiry comes to: as few as will do, and within a budget however much is wrong in a cluster.

use std::collections::{BTreeMap, BTreeSet};

use crate::fleet::field;
use crate::survey::detail_request::{DetailKind, DetailRequest, NamespacedName, WantedLog};
use crate::text::count;
use crate::workload::SupportingObject;

/// Objects of one kind in a namespace that are asked for one by one; of more the whole list is read once.
const FEW: usize = 16;

/// Requests of one kind over all namespaces; beyond it the whole cluster is asked once.
const MOST_OF_A_KIND: usize = 48;

/// Namespaces that are asked one by one where all of what is in them is wanted.
const FEW_NAMESPACES: usize = 8;

/// The same where the whole cluster may not be asked.
const MOST_NAMESPACES: usize = 24;

/// ConfigMaps that are read: a list would bring all that there are, whole.
const MOST_CONFIG_MAPS: usize = 48;

const AUTOSCALER: &str = "HorizontalPodAutoscaler";
const BUDGET: &str = "PodDisruptionBudget";
const CLAIM: &str = "PersistentVolumeClaim";

/// Names by their namespaces.
type Names = BTreeMap<String, BTreeSet<String>>;

/// What one cluster is sent, and what the budget leaves out, for people.
#[derive(Debug, Default, PartialEq)]
pub struct DetailQueries {
    pub all: Vec<DetailQuery>,
    pub left_out: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum DetailQuery {
    List(List),
    /// One object of a kind, in a namespace unless its kind has none.
    Object(&'static str, DetailKind, Option<String>, String),
    ConfigMap(NamespacedName),
    Log(WantedLog),
}

/// Objects of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    pub kind: &'static str,
    /// How it is told that this was refused.
    pub what: DetailKind,
    /// `None` is everywhere.
    pub namespace: Option<String>,
    pub selector: Option<String>,
    pub field: Option<String>,
    pub only: KeptObjects,
    /// What is asked where this is forbidden, and what that leaves out.
    pub instead: Vec<DetailQuery>,
    pub left_out: Option<String>,
}

/// Which objects of a list are kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum KeptObjects {
    #[default]
    All,
    /// Events about objects of these names.
    About(Names),
    Named(Names),
    In(BTreeSet<String>),
}

impl KeptObjects {
    pub fn keeps(&self, object: &SupportingObject) -> bool {
        let meta = object.meta();
        let has = |names: &Names, name: &str| {
            names.get(meta.namespace.as_str()).is_some_and(|names| names.contains(name))
        };
        match (self, object) {
            (KeptObjects::All, _) => true,
            (KeptObjects::About(names), SupportingObject::Event(event)) => has(names, &event.about.name),
            (KeptObjects::About(_), _) => false,
            (KeptObjects::Named(names), _) => has(names, &meta.name),
            (KeptObjects::In(namespaces), _) => namespaces.contains(meta.namespace.as_str()),
        }
    }
}

impl List {
    fn of(kind: &'static str, what: DetailKind, namespace: Option<&str>) -> List {
        List {
            kind,
            what,
            namespace: namespace.map(str::to_string),
            selector: None,
            field: None,
            only: KeptObjects::All,
            instead: Vec::new(),
            left_out: None,
        }
    }

    fn by(self, field: String) -> List {
        List { field: Some(field), ..self }
    }

    fn only(self, only: KeptObjects) -> List {
        List { only, ..self }
    }
}

/// What an inquiry comes to.
pub fn requests(inquiry: DetailRequest) -> DetailQueries {
    let mut requests = DetailQueries::default();
    requests.events(inquiry.events);
    requests.node_events(inquiry.node_events);
    let scaled: BTreeSet<String> = inquiry.autoscalers.union(&inquiry.scaling).cloned().collect();
    requests.namespaces(&scaled, |namespace| List::of(AUTOSCALER, DetailKind::Autoscalers, namespace));
    requests.namespaces(&inquiry.scaling, |namespace| List::of(BUDGET, DetailKind::Budgets, namespace));
    let kind = field("involvedObject.kind", AUTOSCALER);
    requests.namespaces(&inquiry.scaling, |namespace| {
        List::of("Event", DetailKind::Events, namespace).by(kind.clone())
    });
    for (namespace, selector) in inquiry.labelled {
        requests.labelled(namespace.as_deref(), &selector);
    }
    requests.namespaces(&inquiry.core_services, |namespace| {
        List::of("Service", DetailKind::CoreServices, namespace)
    });
    requests.namespaces(&inquiry.preempted, |namespace| {
        List::of("Event", DetailKind::Events, namespace).by("reason=Preempted".to_string())
    });
    requests.nodes(inquiry.nodes, inquiry.all_nodes);
    requests.claims(inquiry.claims);
    requests.config_maps(inquiry.config_maps);
    requests.logs(inquiry.logs, inquiry.most_logs);
    requests
}

impl DetailQueries {
    fn list(&mut self, list: List) {
        self.all.push(DetailQuery::List(list));
    }

    /// A list in each of the namespaces, or one of the whole cluster.
    fn namespaces(&mut self, namespaces: &BTreeSet<String>, list: impl Fn(Option<&str>) -> List) {
        let each = namespaces.iter().map(|namespace| list(Some(namespace)));
        if namespaces.len() <= FEW_NAMESPACES {
            return each.for_each(|list| self.list(list));
        }
        let whole = list(None).only(KeptObjects::In(namespaces.clone()));
        self.list(whole.or_in(each.collect()));
    }

    fn events(&mut self, names: BTreeSet<NamespacedName>) {
        let names = by_namespace(names);
        let of = |namespace: &str| List::of("Event", DetailKind::Events, Some(namespace));
        let whole = |(namespace, names): (&String, &BTreeSet<String>)| {
            of(namespace).only(KeptObjects::About(Names::from([(namespace.clone(), names.clone())])))
        };
        let mut lists = Vec::new();
        for (namespace, here) in &names {
            match here.len() <= FEW {
                true => {
                    lists.extend(here.iter().map(|name| of(namespace).by(field("involvedObject.name", name))))
                }
                false => lists.push(whole((namespace, here))),
            }
        }
        if lists.len() > MOST_OF_A_KIND {
            let each = names.iter().map(whole).collect();
            lists =
                vec![List::of("Event", DetailKind::Events, None).only(KeptObjects::About(names)).or_in(each)];
        }
        lists.into_iter().for_each(|list| self.list(list));
    }

    /// A node is in no namespace, and its events are in `default`: who may not list there may know the pods' events.
    fn node_events(&mut self, names: BTreeSet<String>) {
        let list = || List::of("Event", DetailKind::Nodes, Some("default"));
        if names.len() <= FEW {
            for name in &names {
                self.list(list().by(field("involvedObject.name", name)));
            }
            return;
        }
        let only = KeptObjects::About(Names::from([("default".to_string(), names)]));
        self.list(list().by(field("involvedObject.kind", "Node")).only(only));
    }

    fn labelled(&mut self, namespace: Option<&str>, selector: &str) {
        for (kind, what) in [(AUTOSCALER, DetailKind::Autoscalers), (BUDGET, DetailKind::Budgets)] {
            let selector = Some(selector.to_string()).filter(|selector| !selector.is_empty());
            self.list(List { selector, ..List::of(kind, what, namespace) });
            self.list(
                List::of("Event", DetailKind::Events, namespace).by(field("involvedObject.kind", kind)),
            );
        }
    }

    fn nodes(&mut self, names: BTreeSet<String>, all: bool) {
        let one = |name: &String| DetailQuery::Object("Node", DetailKind::Nodes, None, name.clone());
        let all_nodes = List::of("Node", DetailKind::Nodes, None);
        if all {
            self.list(all_nodes);
            // Who may not list them may still read one.
            self.all.extend(names.iter().take(FEW).map(one));
        } else if names.len() <= FEW {
            self.all.extend(names.iter().map(one));
        } else {
            let instead = names.iter().take(FEW).map(one).collect();
            let left_out = Some(format!("{} of {}", count(names.len() - FEW, "node"), names.len()));
            let only = KeptObjects::Named(Names::from([(String::new(), names)]));
            self.list(List { only, instead, left_out, ..all_nodes });
        }
    }

    fn claims(&mut self, names: BTreeSet<NamespacedName>) {
        let names = by_namespace(names);
        let whole = |(namespace, names): (&String, &BTreeSet<String>)| {
            let only = KeptObjects::Named(Names::from([(namespace.clone(), names.clone())]));
            List::of(CLAIM, DetailKind::Claims, Some(namespace)).only(only)
        };
        let mut all = Vec::new();
        for (namespace, here) in &names {
            let one = |name: &String| {
                DetailQuery::Object(CLAIM, DetailKind::Claims, Some(namespace.clone()), name.clone())
            };
            match here.len() <= FEW {
                true => all.extend(here.iter().map(one)),
                false => all.push(DetailQuery::List(whole((namespace, here)))),
            }
        }
        if all.len() > MOST_OF_A_KIND {
            let each = names.iter().map(whole).collect();
            let list = List::of(CLAIM, DetailKind::Claims, None).only(KeptObjects::Named(names)).or_in(each);
            all = vec![DetailQuery::List(list)];
        }
        self.all.append(&mut all);
    }

    fn config_maps(&mut self, names: BTreeSet<NamespacedName>) {
        if let Some(more) = names.len().checked_sub(MOST_CONFIG_MAPS).filter(|more| *more > 0) {
            self.left_out.push(format!("{} of {}", count(more, "ConfigMap"), names.len()));
        }
        self.all.extend(names.into_iter().take(MOST_CONFIG_MAPS).map(DetailQuery::ConfigMap));
    }

    /// One of each shape first, then the second of each, as far as the budget goes.
    fn logs(&mut self, wanted: Vec<WantedLog>, most: usize) {
        let (mut known, mut of_shape) = (BTreeSet::new(), BTreeMap::<String, usize>::new());
        let mut turns: Vec<(usize, WantedLog)> = Vec::new();
        for log in wanted.into_iter().filter(|log| known.insert(log.container.clone())) {
            let turn = of_shape.entry(log.shape.clone()).or_default();
            turns.push((*turn, log));
            *turn += 1;
        }
        turns.sort_by_key(|(turn, _)| *turn);
        if let Some(more) = turns.len().checked_sub(most).filter(|more| *more > 0) {
            let (more, all) = (count(more, "container"), turns.len());
            self.left_out
                .push(format!("logs of {more} of {all} (one of each kind of failure was read first)"));
        }
        self.all.extend(turns.into_iter().take(most).map(|(_, log)| DetailQuery::Log(log)));
    }
}

impl List {
    /// Where the whole cluster is forbidden, as many of these as the budget allows.
    fn or_in(self, mut each: Vec<List>) -> List {
        let more = each.len().saturating_sub(MOST_NAMESPACES);
        let left_out = format!("{} in {} of {}", self.what, count(more, "namespace"), each.len());
        each.truncate(MOST_NAMESPACES);
        let instead = each.into_iter().map(DetailQuery::List).collect();
        List { instead, left_out: Some(left_out).filter(|_| more > 0), ..self }
    }
}

fn by_namespace(names: BTreeSet<NamespacedName>) -> Names {
    let mut all = Names::new();
    for (namespace, name) in names {
        all.entry(namespace).or_default().insert(name);
    }
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{DetailQuery, KeptObjects, MOST_CONFIG_MAPS, requests};
    use crate::survey::detail_request::{DetailRequest, NamespacedName, WantedLog};
    use crate::workload::later;

    fn names(namespaces: usize, each: usize) -> BTreeSet<NamespacedName> {
        let of = |namespace| (0..each).map(move |name| (format!("n{namespace}"), format!("p{name}")));
        (0..namespaces).flat_map(of).collect()
    }

    #[track_caller]
    fn check(inquiry: DetailRequest, expect: usize, instead: usize, left_out: &[&str]) {
        let requests = requests(inquiry);
        assert_eq!(requests.all.len(), expect, "{:#?}", requests.all);
        let mut words = requests.left_out;
        let mut fallback = 0;
        for request in requests.all {
            if let DetailQuery::List(list) = request {
                fallback += list.instead.len();
                words.extend(list.left_out);
            }
        }
        assert_eq!(fallback, instead);
        assert_eq!(words, left_out);
    }

    #[test]
    fn what_is_asked_is_bounded_however_much_is_wanted() {
        let events =
            |namespaces, each| DetailRequest { events: names(namespaces, each), ..DetailRequest::default() };
        check(events(1, 16), 16, 0, &[]);
        check(events(1, 5000), 1, 0, &[]);
        check(events(3, 16), 48, 0, &[]);
        check(events(4, 13), 1, 4, &[]);
        check(events(5000, 1), 1, 24, &["events in 4976 namespaces of 5000"]);
        let claims =
            |namespaces, each| DetailRequest { claims: names(namespaces, each), ..DetailRequest::default() };
        check(claims(2, 16), 32, 0, &[]);
        check(claims(2, 17), 2, 0, &[]);
        check(claims(100, 1), 1, 24, &["claims in 76 namespaces of 100"]);
        let nodes = |number| (0..number).map(|node| format!("node-{node}")).collect::<BTreeSet<_>>();
        check(DetailRequest { nodes: nodes(16), ..DetailRequest::default() }, 16, 0, &[]);
        check(
            DetailRequest { nodes: nodes(5000), ..DetailRequest::default() },
            1,
            16,
            &["4984 nodes of 5000"],
        );
        check(DetailRequest { nodes: nodes(5000), all_nodes: true, ..DetailRequest::default() }, 17, 0, &[]);
        check(DetailRequest { node_events: nodes(5000), ..DetailRequest::default() }, 1, 0, &[]);
        let config_maps = names(1, 50);
        check(
            DetailRequest { config_maps, ..DetailRequest::default() },
            MOST_CONFIG_MAPS,
            0,
            &["2 ConfigMaps of 50"],
        );
        let scaling = |number| (0..number).map(|namespace| format!("n{namespace}")).collect();
        check(DetailRequest { scaling: scaling(8), ..DetailRequest::default() }, 24, 0, &[]);
        check(DetailRequest { scaling: scaling(20), ..DetailRequest::default() }, 3, 60, &[]);
    }

    #[test]
    fn one_log_of_each_shape_comes_first() {
        let log = |pod: &str, shape: &str| WantedLog {
            container: ("shop".to_string(), pod.to_string(), "app".to_string()),
            previous: true,
            shape: shape.to_string(),
        };
        let logs: Vec<WantedLog> =
            [("a", "x"), ("b", "x"), ("c", "x"), ("d", "y"), ("a", "x"), ("e", "y"), ("f", "z")]
                .iter()
                .map(|(pod, shape)| log(pod, shape))
                .collect();
        let read = |most| {
            let requests =
                requests(DetailRequest { logs: logs.clone(), most_logs: most, ..DetailRequest::default() });
            let pods = requests.all.into_iter().map(|request| match request {
                DetailQuery::Log(log) => log.container.1,
                other => panic!("{other:?}"),
            });
            (pods.collect::<String>(), requests.left_out)
        };
        assert_eq!(
            read(4),
            (
                "adfb".to_string(),
                vec!["logs of 2 containers of 6 (one of each kind of failure was read first)".to_string()]
            )
        );
        assert_eq!(read(6), ("adfbec".to_string(), Vec::new()));
    }

    #[test]
    fn of_a_list_only_what_was_wanted_is_kept() {
        let event = |namespace: &str, name: &str| {
            let json = format!(
                r#"{{"metadata":{{"namespace":"{namespace}","name":"e"}},"involvedObject":{{"kind":"Pod","name":"{name}"}}}}"#
            );
            later("Event").expect("a row").observe(&json).expect("an event")
        };
        let Some(DetailQuery::List(list)) =
            requests(DetailRequest { events: names(1, 100), ..DetailRequest::default() }).all.pop()
        else {
            panic!("no list")
        };
        assert!(list.only.keeps(&event("n0", "p99")) && !list.only.keeps(&event("n0", "p100")));
        assert!(!list.only.keeps(&event("n1", "p1")) && KeptObjects::All.keeps(&event("n1", "p1")));
    }
}
