import CanoRedis

/// Applies what a step wrote to shared stores, once.
struct ApplyWrites: ScriptCall {
    enum Key: String, ScriptName { case mark }
    enum Argument: String, ScriptName { case remembered = "remembered_ms" }

    static let script = makeScript(
        "apply_writes", PackageResources.apply_writes_lua, libraries: [SharedWrites.lua], items: [SharedWrites.Field.self],
        constants: [SharedWrites.constant])

    /// The key that says that this step was applied.
    let mark: String
    /// How long the mark stays.
    let remembered: Duration
    /// The keys of the stores, in the order of the writes' stores.
    let stores: [String]
    let writes: SharedWrites

    func write(_ keys: inout ScriptKeys<Key>) {
        keys.append(.mark, mark)
        for store in stores { keys.append(more: store) }
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.remembered, remembered)
        writes.append(to: &arguments, firstKey: 2)
    }

    /// Why nothing was written; nil when the writes are applied, now or by an earlier call.
    func answer(_ reply: RESPValue) throws -> (any Error)? {
        if reply.string == "ok" { return nil }
        guard let refusal = SharedWrites.refusal(in: reply) else { throw Self.unexpected(reply) }
        return refusal
    }
}
