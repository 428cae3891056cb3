import CanoRedis

/// Appends an element to a list in a shared store at once.
struct AppendElement: ScriptCall {
    enum Key: String, ScriptName { case store }

    static let script = makeScript(
        "append_element", PackageResources.append_element_lua, libraries: [SharedWrites.lua], items: [SharedWrites.Field.self],
        constants: [SharedWrites.constant])

    /// The key of the store.
    let store: String
    /// One write.
    let element: SharedWrites

    func write(_ keys: inout ScriptKeys<Key>) { keys.append(.store, store) }

    func write(_ arguments: inout ScriptArguments<NoNames>) { element.append(to: &arguments, firstKey: 1) }

    /// Why nothing was written; nil when the element was appended.
    func answer(_ reply: RESPValue) throws -> (any Error)? {
        if reply.string == "ok" { return nil }
        guard let refusal = SharedWrites.refusal(in: reply) else { throw Self.unexpected(reply) }
        return refusal
    }
}
