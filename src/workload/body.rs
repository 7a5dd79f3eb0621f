//! Spec and status of each kind that runs pods, in the API's own words.

use crate::workload::meta::{Condition, Meta};
use crate::workload::pvc::ClaimSpec;
use crate::workload::template::{Json, LeanTemplate, PodTemplate};
use jiff::Timestamp;

facts! {
    pub struct DeploymentSpec {
        pub replicas: Option<i64>,
        pub paused: bool,
        pub progress_deadline_seconds: Option<i64>,
        pub min_ready_seconds: i64,
        pub strategy: Strategy,
        pub selector: Option<Json>,
        pub template: PodTemplate,
    }
    pub struct Strategy {
        #[serde(rename = "type")]
        pub kind: String,
    }
    pub struct DeploymentStatus {
        /// Text, as Rollouts have it; a number becomes its text.
        pub observed_generation: String,
        pub replicas: i64,
        pub updated_replicas: i64,
        pub ready_replicas: i64,
        pub available_replicas: i64,
        pub unavailable_replicas: i64,
        pub terminating_replicas: i64,
        pub conditions: Vec<Condition>,
    }

    pub struct ReplicaSetSpec {
        pub replicas: Option<i64>,
        pub min_ready_seconds: i64,
        pub selector: Option<Json>,
        pub template: LeanTemplate,
    }
    pub struct ReplicaSetStatus {
        pub observed_generation: String,
        pub replicas: i64,
        pub ready_replicas: i64,
        pub available_replicas: i64,
        pub fully_labeled_replicas: i64,
        pub conditions: Vec<Condition>,
    }

    pub struct StatefulSetSpec {
        pub replicas: Option<i64>,
        pub pod_management_policy: String,
        pub update_strategy: UpdateStrategy,
        pub min_ready_seconds: i64,
        pub service_name: String,
        pub selector: Option<Json>,
        pub template: PodTemplate,
        pub volume_claim_templates: Vec<ClaimTemplate>,
    }
    pub struct ClaimTemplate {
        #[serde(rename = "metadata")]
        pub meta: Meta,
        pub spec: ClaimSpec,
    }
    pub struct UpdateStrategy {
        #[serde(rename = "type")]
        pub kind: String,
        pub rolling_update: Option<RollingUpdate>,
    }
    pub struct RollingUpdate {
        pub partition: Option<i64>,
    }
    pub struct StatefulSetStatus {
        pub observed_generation: String,
        pub replicas: i64,
        pub ready_replicas: i64,
        pub available_replicas: Option<i64>,
        pub current_replicas: i64,
        pub updated_replicas: i64,
        pub current_revision: String,
        pub update_revision: String,
        pub conditions: Vec<Condition>,
    }

    pub struct DaemonSetSpec {
        pub update_strategy: UpdateStrategy,
        pub min_ready_seconds: i64,
        pub selector: Option<Json>,
        pub template: PodTemplate,
    }
    pub struct DaemonSetStatus {
        pub observed_generation: String,
        pub desired_number_scheduled: Option<i64>,
        pub current_number_scheduled: i64,
        pub updated_number_scheduled: i64,
        pub number_ready: i64,
        pub number_available: i64,
        pub number_unavailable: i64,
        pub number_misscheduled: i64,
        pub conditions: Vec<Condition>,
    }

    pub struct JobSpec {
        pub suspend: bool,
        pub parallelism: Option<i64>,
        pub completions: Option<i64>,
        pub backoff_limit: Option<i64>,
        pub active_deadline_seconds: Option<i64>,
        pub completion_mode: String,
        pub selector: Option<Json>,
        pub template: PodTemplate,
    }
    pub struct JobStatus {
        pub active: i64,
        pub ready: Option<i64>,
        pub succeeded: i64,
        pub failed: i64,
        pub terminating: i64,
        pub failed_indexes: String,
        pub start_time: Option<Timestamp>,
        pub completion_time: Option<Timestamp>,
        pub conditions: Vec<Condition>,
    }

    pub struct CronJobSpec {
        pub schedule: String,
        pub time_zone: String,
        pub suspend: bool,
        pub starting_deadline_seconds: Option<i64>,
        pub concurrency_policy: String,
        pub failed_jobs_history_limit: Option<i64>,
        pub job_template: JobTemplate,
    }
    pub struct JobTemplate {
        pub spec: JobSpec,
    }
    pub struct CronJobStatus {
        pub active: Vec<ActiveJob>,
        pub last_schedule_time: Option<Timestamp>,
        pub last_successful_time: Option<Timestamp>,
        pub conditions: Vec<Condition>,
    }
    pub struct ActiveJob {
        pub name: String,
        pub uid: String,
    }

    /// argoproj.io Rollout.
    pub struct RolloutSpec {
        pub replicas: Option<i64>,
        pub paused: bool,
        pub min_ready_seconds: i64,
        pub progress_deadline_seconds: Option<i64>,
        pub restart_at: Option<Timestamp>,
        pub workload_ref: Option<WorkloadRef>,
        pub strategy: RolloutStrategy,
        pub selector: Option<Json>,
        pub template: PodTemplate,
    }
    pub struct WorkloadRef {
        pub api_version: String,
        pub kind: String,
        pub name: String,
    }
    pub struct RolloutStrategy {
        pub blue_green: Option<BlueGreen>,
        pub canary: Option<Canary>,
    }
    pub struct BlueGreen {
        pub active_service: String,
        pub preview_service: String,
        pub auto_promotion_enabled: Option<bool>,
        pub post_promotion_analysis: Option<Anything>,
    }
    pub struct Canary {
        pub steps: Vec<CanaryStep>,
        pub traffic_routing: Option<Anything>,
    }
    /// Only its presence matters.
    pub struct Anything {}
    /// Only counted.
    pub struct CanaryStep {
        pub set_weight: Option<i64>,
    }
    pub struct RolloutStatus {
        pub observed_generation: String,
        pub workload_observed_generation: String,
        pub phase: String,
        pub message: String,
        pub abort: bool,
        pub controller_pause: bool,
        pub pause_conditions: Vec<PauseCondition>,
        pub restarted_at: Option<Timestamp>,
        pub replicas: i64,
        pub updated_replicas: i64,
        pub ready_replicas: i64,
        pub available_replicas: i64,
        #[serde(rename = "HPAReplicas")]
        pub hpa_replicas: i64,
        pub current_pod_hash: String,
        #[serde(rename = "stableRS")]
        pub stable_rs: String,
        pub current_step_index: Option<i64>,
        pub blue_green: BlueGreenStatus,
        pub canary: CanaryStatus,
        pub conditions: Vec<Condition>,
    }
    pub struct PauseCondition {
        pub reason: String,
        pub start_time: Option<Timestamp>,
    }
    pub struct BlueGreenStatus {
        pub active_selector: String,
        pub preview_selector: String,
    }
    pub struct CanaryStatus {
        pub weights: Option<Weights>,
    }
    pub struct Weights {
        pub canary: Weight,
    }
    pub struct Weight {
        pub weight: i64,
    }
}

macro_rules! present {
    ($($Name:ty),*) => { $(impl crate::workload::lenient::Present for $Name {})* };
}
present!(RollingUpdate, WorkloadRef, BlueGreen, Canary, Weights, Anything);
