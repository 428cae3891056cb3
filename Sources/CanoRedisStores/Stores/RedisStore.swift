public import CanoCore
public import CanoRedis

/// A store in Redis: one hash, whose fields are the names and whose values are JSON.
///
/// Every operation is one command or one script: it happens at once and whole, however many programs use the store, in whatever
/// language. The runs of a workflow reach it by name, with what they write kept aside until their step commits, when it is
/// one of ``RedisStores``.
///
/// A value has at most `StoreLimit.sharedValueBytes`; one that would be longer is refused, and nothing changes.
///
/// Every method throws `CanoError` of category `store`, with the `RedisError` in its `underlying` when that is what went
/// wrong; after a lost connection `RedisError.mayHaveBeenExecuted` says whether an `increment`, `append` or `putIfAbsent`
/// may have happened. The others are repeated by the client, for that changes nothing.
public struct RedisStore: Store {
    /// The hash.
    public let key: String
    private let client: RedisClient

    /// Names a store; nothing is sent.
    ///
    /// - Parameters:
    ///   - key: The hash. One that isn't there is an empty store.
    ///   - client: A client that is running.
    public init(_ key: String, on client: RedisClient) {
        self.key = key
        self.client = client
    }

    /// The value, or `nil` when there is none.
    public func get<Value>(_ key: StoreKey<Value>) async throws -> Value? {
        let reply = try await send(RESPCommand("HGET", self.key, key.name), isIdempotent: true, key.name)
        return try reply.bytes.map { try StoredJSON.decode(Value.self, from: $0, of: key.name) }
    }

    /// Sets the value, whatever was there.
    public func put<Value>(_ value: Value, for key: StoreKey<Value>) async throws {
        var command = RESPCommand("HSET", self.key, key.name)
        command.append(bytes: try encode(value, key.name))
        _ = try await send(command, isIdempotent: true, key.name)
    }

    /// Removes the value; a name that isn't there is fine.
    public func remove<Value>(_ key: StoreKey<Value>) async throws {
        _ = try await send(RESPCommand("HDEL", self.key, key.name), isIdempotent: true, key.name)
    }

    /// Adds to a number; one that isn't there counts as 0.
    ///
    /// - Returns: The new value.
    public func increment(_ key: StoreKey<Int>, by amount: Int) async throws -> Int {
        let reply = try await send(RESPCommand("HINCRBY", self.key, key.name, String(amount)), key.name)
        return Int(try reply.integer(of: key.name))
    }

    /// Sets the value unless there is one.
    ///
    /// - Returns: Whether it was set.
    public func putIfAbsent<Value>(_ value: Value, for key: StoreKey<Value>) async throws -> Bool {
        var command = RESPCommand("HSETNX", self.key, key.name)
        command.append(bytes: try encode(value, key.name))
        return try await send(command, key.name).integer(of: key.name) == 1
    }

    /// Adds an element to the end of a list; one that isn't there counts as empty.
    public func append<Element>(_ element: Element, to key: StoreKey<[Element]>) async throws {
        let write = StagedWrite(store: self.key, key: key.name, operation: .append(element))
        let call = AppendElement(store: self.key, element: try SharedWrites([write]))
        let reply: RESPValue
        do { reply = try await client.evaluate(call.encoded) } catch { throw CanoError(redis: error, "\"\(key.name)\"") }
        if let refusal = try call.answer(reply) { throw refusal }
    }

    /// The names of all values, in no particular order.
    public func keys() async throws -> [String] {
        let reply = try await send(RESPCommand("HKEYS", key), isIdempotent: true, key)
        return (reply.arrayValue ?? []).compactMap(\.string)
    }

    private func encode(_ value: any Encodable, _ name: String) throws(CanoError) -> [UInt8] {
        let json = try StoredJSON.encode(value)
        guard json.count <= StoreLimit.sharedValueBytes else { throw StoreLimit.valueIsTooLarge("\"\(name)\" of \(key)", json.count) }
        return json
    }

    private func send(_ command: RESPCommand, isIdempotent: Bool = false, _ name: String) async throws(CanoError) -> RESPValue {
        do {
            return try await client.execute(raw: command, isIdempotent: isIdempotent)
        } catch {
            throw CanoError(redis: error, "\"\(name)\"")
        }
    }
}

extension RESPValue {
    fileprivate func integer(of name: String) throws(CanoError) -> Int64 {
        guard let integerValue else {
            throw CanoError(redis: RedisError(.unexpectedReply, "Redis answered no number", mayHaveBeenExecuted: true), "\"\(name)\"")
        }
        return integerValue
    }
}

extension CanoError {
    /// What using a store in Redis failed with.
    init(redis error: RedisError, _ what: String) {
        let category: Category = if case .cancelled = error.code { .cancelled } else { .store }
        self.init(category, "\(what): \(error.message)", isRetryable: error.isPassing, underlying: error)
    }
}
