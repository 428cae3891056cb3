/// One call of a script, typed: what it is told, and what it answers.
///
/// A script is a folder: its Lua, its call and the table of its answers. The Lua begins with `#!lua`; what follows below that line is
/// made from the names here.
package protocol ScriptCall: Sendable {
    /// The keys that every call has, in order.
    associatedtype Key: ScriptName = NoNames
    /// The arguments that every call has, in order.
    associatedtype Argument: ScriptName = NoNames
    /// What the script answers.
    associatedtype Answer: Sendable

    static var script: RedisScript { get }

    /// Gives the keys, in order.
    func write(_ keys: inout ScriptKeys<Key>)

    /// Gives the arguments, in order, and the lists behind them.
    func write(_ arguments: inout ScriptArguments<Argument>)

    /// Reads an answer.
    ///
    /// - Throws: ``RedisError`` with the code `unexpectedReply` when the script has no such answer; what reading the answer's
    ///   contents throws.
    func answer(_ reply: RESPValue) throws -> Answer
}

extension ScriptCall {
    /// The call as it is sent.
    package var encoded: RedisScriptCall {
        var keys = ScriptKeys<Key>()
        write(&keys)
        keys.checkComplete()
        var arguments = ScriptArguments<Argument>(RedisScriptCall(Self.script, keys: keys.keys))
        write(&arguments)
        arguments.checkComplete()
        return arguments.call
    }

    /// What ``answer(_:)`` throws for a reply that the script has not.
    package static func unexpected(_ reply: RESPValue) -> RedisError {
        RedisError(.unexpectedReply, "The script \(script.name) answered \(reply).", mayHaveBeenExecuted: true)
    }

    /// A script with this call's names below its first line.
    ///
    /// - Parameters:
    ///   - name: Its name, for logs and errors.
    ///   - body: Its Lua.
    ///   - libraries: The functions it shares with others, which may use its names.
    ///   - more: Such functions that only some of its calls need: they are made where the body has the line `-- more functions`.
    ///   - items: What its lists hold.
    ///   - constants: What it knows besides.
    /// - Returns: The script.
    package static func makeScript(
        _ name: String, _ body: [UInt8], libraries: [[UInt8]] = [], more: [[UInt8]] = [], items: [any ScriptItem.Type] = [],
        constants: [ScriptConstant] = []
    ) -> RedisScript {
        let header = ScriptHeader(
            keys: Key.allCases.map(\.rawValue), arguments: Argument.allCases.map(\.rawValue), items: items, constants: constants)
        return RedisScript(name: name, source: ScriptAssembly(header, libraries: libraries, more: more).source(body))
    }
}

/// The keys of a call, in the order of their names.
package struct ScriptKeys<Name: ScriptName>: Sendable {
    fileprivate var keys: [String] = []

    fileprivate init() {
        // Few scripts have more; growing step by step costs an allocation each time.
        keys.reserveCapacity(8)
    }

    /// Adds the key of that name, whose turn it is.
    package mutating func append(_ name: Name, _ key: String) {
        assert(keys.count < Name.allCases.count && Name.allCases[keys.count] == name, "the key \(name) is out of order")
        keys.append(key)
    }

    /// Adds a key behind those that have names.
    package mutating func append(more key: String) {
        assert(keys.count >= Name.allCases.count, "the key \(key) comes before those with names")
        keys.append(key)
    }

    fileprivate func checkComplete() { assert(keys.count >= Name.allCases.count, "keys are missing: \(keys)") }
}
