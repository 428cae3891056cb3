import CanoRedis

/// The scripts of shared stores.
enum StoreScript {
    static let apply = RedisScript(name: "apply", body: PackageResources.apply_lua, library: SharedWrites.lua)
    static let append = RedisScript(name: "append", body: PackageResources.append_lua, library: SharedWrites.lua)
}
