import CanoBus
import CanoRedis
import CanoRedisStores

/// The Lua that scripts of the bus share. A library may use the names of the script it is put into.
enum ScriptLibrary {
    static let ownership = OwnershipLua.library
    static let events = PackageResources.events_lua
    static let wording = PackageResources.wording_lua
    static let severalRuns = PackageResources.several_runs_lua
    static let severalEntries = PackageResources.several_entries_lua
    static let replies = PackageResources.replies_lua
    static let fields = PackageResources.fields_lua
    static let runs = PackageResources.runs_lua
    static let beginnings = PackageResources.beginnings_lua
    static let replyNames = PackageResources.reply_names_lua
    static let steps = PackageResources.steps_lua
    static let duplicates = PackageResources.duplicates_lua
    static let claims = PackageResources.claims_lua
    static let resumptions = PackageResources.resumptions_lua
    static let entries = PackageResources.entries_lua
    static let inbox = PackageResources.inbox_lua
    static let waits = PackageResources.waits_lua
    static let waking = PackageResources.waking_lua
    static let wakeups = PackageResources.wakeups_lua
    static let taskQueues = PackageResources.task_queues_lua
    static let takings = PackageResources.takings_lua
    static let tasks = PackageResources.tasks_lua
    static let taskKeys = PackageResources.task_keys_lua
    static let handing = PackageResources.handing_lua
    static let answers = PackageResources.answers_lua
    static let openChildren = PackageResources.open_children_lua
    static let children = PackageResources.children_lua
    static let parents = PackageResources.parents_lua
    static let schedules = PackageResources.schedules_lua
    static let firings = PackageResources.firings_lua
}

extension ScriptConstant {
    /// For `answer_duplicate` and `add_reply_name`.
    static let duplicates = [
        ScriptConstant("duplicate_template", RunDuplicate.template),
        ScriptConstant("inline_output_bytes", BusLimits.inlineOutputBytes), mostReplyNames,
    ]
    static let mostReplyNames = ScriptConstant("most_reply_names", BusLimits.replyNames)
    /// How often a run is taken over in a row.
    static let mostTakeovers = ScriptConstant("most_takeovers", BusLimits.takeovers)
    static let cancelled = ScriptConstant("cancelled_template", RunCancelled.template)
    static let resumed = ScriptConstant("resumed_template", RunResumed.template)
    static let superseded = ScriptConstant("superseded_template", ScheduleSuperseded.template)
    /// The consumer group of bridges, and why a child is cancelled whose parent needs it no more.
    static let children = [ScriptConstant("bridges_group", BusKeys.group), ScriptConstant("parent_closed", "parent_closed")]
    /// The consumer group of workers.
    static let workers = ScriptConstant("workers_group", BusKeys.workers)
    /// How many keys a queue has.
    static let queueKeys = ScriptConstant("queue_keys", BusKeys.keysOfQueue)
    /// For `is_answer`.
    static let answerPrefix = ScriptConstant("answer_prefix", InboxSignal.answerPrefix)
    /// How old a call may be for its run to count from when it was made.
    static let longestCall = ScriptConstant("longest_call_ms", 1_000)
}
