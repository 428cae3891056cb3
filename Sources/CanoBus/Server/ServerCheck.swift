/// Whether a server can carry a bus, from what it says about itself. Pure.
package struct ServerCheck: Sendable, Hashable {
    /// What `INFO` says, by name.
    private let info: [String: String]
    /// Whether it says how the server treats its data; a user who may not call `INFO` is not told.
    private let isWhole: Bool

    /// From the answer to `INFO`.
    package init(info: [String: String]) {
        self.info = info
        isWhole = true
    }

    /// From the answer to `HELLO`.
    package init(hello: [String: String]) {
        let version = hello["server"] == "valkey" ? "valkey_version" : "redis_version"
        info = [version: hello["version"] ?? "0", "cluster_enabled": hello["mode"] == "cluster" ? "1" : "0"]
        isWhole = false
    }

    /// What makes the server unfit, each with what to do about it; empty when it is fit.
    package func problems(toleratesEviction: Bool, isHashTagged: Bool) -> [String] {
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
        return problems
    }

    /// What the server calls itself, and its version.
    package var version: String {
        info["valkey_version"].map { "Valkey \($0)" } ?? "Redis \(info["redis_version"] ?? "?")"
    }

    /// What deserves a warning.
    package var warnings: [String] {
        guard isWhole else {
            return [
                """
                The server's maxmemory-policy and its append-only file can't be checked, because the user may not call INFO: allow it with \
                ACL SETUSER <user> +info, or see to it that they are noeviction and yes.
                """
            ]
        }
        return info["aof_enabled"] == "0"
            ? ["The server keeps no append-only file: what it holds is lost when it stops. Set appendonly yes."] : []
    }
}
