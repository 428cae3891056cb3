import CanoBus
import CanoCore

/// Every metric of the bridge.
///
/// What begins with `cano_bridge` is this bridge's, `cano_redis` its connection's, and `cano_bus` is read from Redis now and then and is the same
/// at every bridge of a bus.
enum BridgeMetric: Int, CaseIterable, MetricList {
    case runsStarted, runsEnded, runDuration
    case rejections, eventsPublished
    case slots, slotsTaken, runsInFlight, workWaiting
    case leasesRenewed, leasesLost, claims, recoveries, quarantines, handBacks
    case scriptDuration, scriptRepeats
    case scheduleLag, scheduleFirings, scheduleSkips
    case tasksGivenUp, unservedRuns
    case redisUp, redisCommands, redisReconnects
    case busEntries, busOldestEntry, busRuns, busDeadLetters, busEvents, busSchedules, busBridges
    case queueWaiting, queueHeld, queueInHand, queueOldestWaiting, queueOldestInHand

    var definition: MetricDefinition {
        switch self {
        case .runsStarted: .counter("cano_bridge_runs_started_total", .named("workflow"), help: "Starts that became runs here.")
        case .runsEnded:
            .counter(
                "cano_bridge_runs_ended_total", .named("workflow"), Self.endings,
                help: "Runs that this bridge carried out to their end, by how.")
        case .runDuration:
            .histogram(
                "cano_bridge_run_duration_seconds", .named("workflow"),
                help: "From the start of a run that ended here to its end, waiting included.")
        case .rejections:
            .counter(
                "cano_bridge_rejections_total", .words("code", RejectionCode.allCases.map(\.rawValue)),
                help: "Commands that became dead letters here, by code.")
        case .eventsPublished: .counter("cano_bridge_events_published_total", help: "Events that the steps of runs here published.")
        case .slots: .gauge("cano_bridge_slots", help: "Runs that the bridge carries out at once, at most.")
        case .slotsTaken: .gauge("cano_bridge_slots_taken", help: "Slots that work has.")
        case .runsInFlight: .gauge("cano_bridge_runs_in_flight", help: "Runs that are this bridge's.")
        case .workWaiting:
            .gauge(
                "cano_bridge_work_waiting", .words("kind", ["hand_back", "wake", "takeover", "pending", "due", "new"]),
                help: "Work that the bridge has found and that waits for a slot, by kind.")
        case .leasesRenewed: .counter("cano_bridge_leases_renewed_total", help: "Leases of runs that heartbeats renewed.")
        case .leasesLost: .counter("cano_bridge_leases_lost_total", help: "Runs that another bridge had taken when a heartbeat came.")
        case .claims:
            .counter(
                "cano_bridge_claims_total", .words("kind", ["hand_back", "wake", "takeover", "due"]),
                help: "Runs that go on here: handed back, woken, taken over for their lease was over, or due.")
        case .recoveries:
            .counter("cano_bridge_recoveries_total", help: "Runs that go on here after their bridge died without a step between.")
        case .quarantines: .counter("cano_bridge_quarantines_total", help: "Runs that were taken over too often and put away.")
        case .handBacks: .counter("cano_bridge_hand_backs_total", help: "Runs that this bridge let go for others to go on with.")
        case .scriptDuration:
            .histogram(
                "cano_bridge_script_duration_seconds", .words("script", ScriptLabel.words), in: CanoMetrics.latencyBuckets,
                help: "From a step's script being sent to its answer, repetitions included: commit, accept, finish, claim and the others.")
        case .scriptRepeats:
            .counter("cano_bridge_script_repeats_total", .words("script", ScriptLabel.words), help: "Scripts that had to be sent again.")
        case .scheduleLag:
            .histogram(
                "cano_bridge_schedule_lag_seconds", in: CanoMetrics.latencyBuckets + [30, 60, 300],
                help: "From the moment a schedule was due to its start being published.")
        case .scheduleFirings: .counter("cano_bridge_schedule_firings_total", help: "Due times of schedules that were fired here.")
        case .scheduleSkips:
            .counter("cano_bridge_schedule_skips_total", help: "Due times that were left out, for the last run was not over.")
        case .tasksGivenUp:
            .counter(
                "cano_bridge_tasks_given_up_total", .words("code", ["worker_lost", "no_worker", "timeout"]),
                help: "Attempts of workers that were given up here, by code.")
        case .unservedRuns:
            .gauge(
                "cano_bridge_unserved_runs", .named("workflow"), .named("version"),
                help: "Runs that wait for a workflow that no live bridge has.")
        case .redisUp:
            .gauge(
                "cano_redis_up",
                help: "1 where Redis, of several shards that of each, answered when the values of the bus were last asked for, else 0.")
        case .redisCommands:
            .counter("cano_redis_commands_total", help: "Commands that were given to the shared connection, scripts included.")
        case .redisReconnects: .counter("cano_redis_reconnects_total", help: "Connections made after the first one.")
        case .busEntries:
            .gauge("cano_bus_commands_waiting", Self.streams, help: "Entries on a stream of commands, those in hand included: the backlog.")
        case .busOldestEntry: .gauge("cano_bus_oldest_command_seconds", Self.streams, help: "The age of the oldest of them; 0 for none.")
        case .busRuns:
            .gauge(
                "cano_bus_runs", .named("workflow"), .words("status", [.running, .waiting, .scheduled].map(\RunStatus.rawValue)),
                help: "Runs that are not over, of the workflows that this bridge has.")
        case .busDeadLetters: .gauge("cano_bus_dead_letters", help: "Dead letters that are kept.")
        case .busEvents: .gauge("cano_bus_events", help: "Events that are kept.")
        case .busSchedules: .gauge("cano_bus_schedules", help: "Schedules that are set.")
        case .busBridges: .gauge("cano_bus_bridges", help: "Bridges that were heard of within a lease.")
        case .queueWaiting: .gauge("cano_bus_tasks_waiting", Self.queue, help: "Tasks on a queue that no worker has been given.")
        case .queueHeld:
            .gauge("cano_bus_tasks_held_back", Self.queue, help: "Tasks that are held back until their queue has room for them.")
        case .queueInHand: .gauge("cano_bus_tasks_in_hand", Self.queue, help: "Tasks that workers have.")
        case .queueOldestWaiting:
            .gauge("cano_bus_oldest_task_waiting_seconds", Self.queue, help: "The age of the oldest task that waits; 0 for none.")
        case .queueOldestInHand:
            .gauge("cano_bus_oldest_task_in_hand_seconds", Self.queue, help: "The age of the oldest task that a worker has; 0 for none.")
        }
    }

    private static let endings = MetricLabel.words("status", RunStatus.allCases.filter(\.isOver).map(\.rawValue))
    private static let streams = MetricLabel.words("stream", InboundStream.allCases.map(\.rawValue))
    private static let queue = MetricLabel.named("queue")
}
