/// Whether a server can carry a bus, from what it says about itself. Pure.
struct ServerCheck: Sendable, Hashable {
    /// What `INFO` says, by name.
    let info: [String: String]

    /// What makes the server unfit, each with what to do about it; empty when it is fit.
    func problems(toleratesEviction: Bool, isHashTagged: Bool) -> [String] {
        var problems: [String] = []
        let version = info["valkey_version"] ?? info["redis_version"] ?? "0"
        let floor = info["valkey_version"] == nil ? [7, 0] : [7, 2]
        if version.split(separator: ".").prefix(2).map({ Int($0) ?? 0 }).lexicographicallyPrecedes(floor) {
            problems.append("The server is version \(version): the bus needs Redis 7.0 or Valkey 7.2 at least.")
        }
        let policy = info["maxmemory_policy"] ?? "noeviction"
        if policy != "noeviction", !toleratesEviction {
            problems.append(
                "The server's maxmemory-policy is \(policy), which can throw away runs: set it to noeviction, or say that you accept it.")
        }
        if info["cluster_enabled"] == "1", !isHashTagged {
            problems.append("The server is a cluster: give the prefix a hash tag, such as {cano-0}, so that all its keys share a slot.")
        }
        if info["role"] == "slave" {
            problems.append("The server is a replica: give the address of its primary.")
        }
        return problems
    }

    /// What deserves a warning.
    var warnings: [String] {
        info["aof_enabled"] == "0"
            ? ["The server keeps no append-only file: what it holds is lost when it stops. Set appendonly yes."] : []
    }
}
