/// The functions in Lua that every script of an owner shares: `number_text`, `redis_time`, `is_owner`.
package enum OwnershipLua {
    /// The library, to be put below a script's first line.
    package static let library = PackageResources.ownership_lua
}
