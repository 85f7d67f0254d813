use operator_api::{ConditionStatus, ConditionType};
use serde_json::json;

use super::super::cluster_tests::{restarts, status, three_and_three};
use crate::world::brief;

#[test]
fn settings_that_brokers_take_as_they_run_restart_nothing() {
    let mut world = three_and_three();
    world.settle();
    let spec = json!({"kafka": {"config": {"log.retention.ms": 1000, "min.insync.replicas": 1}}});
    world.set_spec(spec);
    let plans = world.settle();
    let change = "set {\"log.retention.ms\": \"1000\", \"min.insync.replicas\": \"1\"} unset []";
    assert_eq!(brief(&plans[0]), ["apply ConfigMap c-brokers", "apply ConfigMap c-controllers", change]);
    assert_eq!(restarts(&plans), [""; 0]);
    assert_eq!(status(&world).dynamic_config, ["log.retention.ms", "min.insync.replicas"]);
    world.well().settings.insert("log.retention.ms".to_owned(), "5".to_owned());
    world.well().settings.insert("somebodys.own".to_owned(), "5".to_owned());
    let plan = world.decide();
    assert_eq!(brief(&plan), ["set {\"log.retention.ms\": \"1000\"} unset []"], "it is put right");
    world.carry_out(&plan);
    world.set_spec(json!({}));
    let plans = world.settle();
    let change = "set {\"min.insync.replicas\": \"2\"} unset [\"log.retention.ms\"]";
    assert!(plans.iter().flat_map(brief).any(|action| action == change));
}

#[test]
fn brokers_that_do_not_answer_yet_are_asked_for_their_settings_again_soon() {
    let mut world = three_and_three();
    world.settle();
    let told = std::mem::replace(&mut world.kafka, Err("no broker answers".to_owned()));
    let plan = world.decide();
    let quiesced =
        plan.status.conditions.iter().find(|one| one.kind == ConditionType::Quiesced).expect("it is told");
    assert_eq!((quiesced.status, quiesced.message.as_str()), (ConditionStatus::False, "no broker answers"));
    assert!(plan.look_again.is_some());
    world.kafka = told;
    assert_eq!(world.decide().look_again, None);
}
