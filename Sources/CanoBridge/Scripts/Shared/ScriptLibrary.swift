import CanoBus
import CanoRedis
import CanoRedisStores

/// The Lua that scripts of the bus share. A library may use the names of the script it is put into.
enum ScriptLibrary {
    static let ownership = OwnershipLua.library
    static let events = PackageResources.events_lua
    static let replies = PackageResources.replies_lua
    static let fields = PackageResources.fields_lua
    static let runs = PackageResources.runs_lua
    static let beginnings = PackageResources.beginnings_lua
    static let replyNames = PackageResources.reply_names_lua
    static let steps = PackageResources.steps_lua
    static let duplicates = PackageResources.duplicates_lua
    static let claims = PackageResources.claims_lua
    static let schedules = PackageResources.schedules_lua
}

extension ScriptConstant {
    /// For `answer_duplicate` and `add_reply_name`.
    static let duplicates = [
        ScriptConstant("duplicate_template", RunDuplicate.template),
        ScriptConstant("inline_output_bytes", BusLimits.inlineOutputBytes), mostReplyNames,
    ]
    static let mostReplyNames = ScriptConstant("most_reply_names", BusLimits.replyNames)
    static let cancelled = ScriptConstant("cancelled_template", RunCancelled.template)
    static let resumed = ScriptConstant("resumed_template", RunResumed.template)
    static let superseded = ScriptConstant("superseded_template", ScheduleSuperseded.template)
    /// How old a call may be for its run to count from when it was made.
    static let longestCall = ScriptConstant("longest_call_ms", 1_000)
}
