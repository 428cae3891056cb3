import CanoRedis
import CanoRedisStores

/// The scripts of the bus, each a whole step of a run or a command.
///
/// They are part of the binary, so that it works wherever it is copied to.
enum BusScript {
    static let accept = script("accept", PackageResources.accept_lua)
    static let commit = script(
        "commit", PackageResources.commit_lua, with: Array("local keys, arguments = KEYS, ARGV\n".utf8) + SharedWrites.lua)
    static let flush = script("flush", PackageResources.flush_lua)
    static let finish = script("finish", PackageResources.finish_lua)
    static let claim = script("claim", PackageResources.claim_lua)
    static let cancel = script("cancel", PackageResources.cancel_lua)
    static let resume = script("resume", PackageResources.resume_lua)
    static let renew = script("renew", PackageResources.renew_lua)
    static let reject = script("reject", PackageResources.reject_lua)
    static let schedule = script("schedule", PackageResources.schedule_lua, with: PackageResources.schedules_lua)
    static let unschedule = script("unschedule", PackageResources.unschedule_lua, with: PackageResources.schedules_lua)
    static let fire = script("fire", PackageResources.fire_lua)

    static let removeConsumer = script("remove_consumer", PackageResources.remove_consumer_lua)

    static let all = [
        accept, commit, flush, finish, claim, cancel, resume, renew, reject, schedule, unschedule, fire, removeConsumer,
    ]

    private static func script(_ name: String, _ body: [UInt8], with library: [UInt8] = []) -> RedisScript {
        RedisScript(name: name, body: body, library: OwnershipLua.library + PackageResources.prelude_lua + library)
    }
}
