import CanoRedis

/// The scripts of the checkpoint store, and what they answer.
enum CheckpointScript {
    static let acquire = script("checkpoint_acquire", PackageResources.checkpoint_acquire_lua)
    static let begin = script("checkpoint_begin", PackageResources.checkpoint_begin_lua)
    static let append = script("checkpoint_append", PackageResources.checkpoint_append_lua)
    static let renew = script("checkpoint_renew", PackageResources.checkpoint_renew_lua)
    static let release = script("checkpoint_release", PackageResources.checkpoint_release_lua)
    static let clear = script("checkpoint_clear", PackageResources.checkpoint_clear_lua)

    static let all = [acquire, begin, append, renew, release, clear]

    private static func script(_ name: String, _ body: [UInt8]) -> RedisScript {
        RedisScript(name: name, body: body, library: PackageResources.checkpoints_lua)
    }
}
