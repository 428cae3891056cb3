public import CanoCore
public import CanoRedis

/// The shared stores of one prefix in Redis: the store `name` is the hash `<prefix>:store:<name>`, JSON in every field.
///
/// Give them to a `WorkflowRuntime` to have runs without a bridge use them. What a step wrote to them, to one or
/// to several, is applied in one script: all of it or nothing. That happens just before the step's row is appended, so a
/// process that dies between the two does the step again, with its writes. On a bridge both are one script.
///
/// `<prefix>:applied:<random>` remembers that a step was applied, for as long as its reply may have been lost. All keys
/// that a step writes must lie in one slot of a cluster: put the prefix into braces there.
public struct RedisStores: SharedStores {
    /// What every key begins with.
    public let prefix: String
    /// How long ``apply(_:)`` goes on trying while Redis does not answer.
    public let patience: Duration

    private let client: RedisClient
    private let clock: any EngineClock

    /// Names the stores; nothing is sent.
    ///
    /// - Parameters:
    ///   - client: A client that is running.
    ///   - prefix: What every key begins with.
    ///   - patience: How long ``apply(_:)`` goes on trying while Redis does not answer.
    ///   - clock: What that is measured with.
    public init(
        _ client: RedisClient, prefix: String = "cano", patience: Duration = .seconds(30), clock: any EngineClock = SystemClock()
    ) {
        self.client = client
        self.prefix = prefix
        self.patience = patience
        self.clock = clock
    }

    /// The store with that name. Every operation on it happens at once.
    ///
    /// - Parameter name: 1 to 100 characters of `A-Za-z0-9._-`.
    /// - Returns: The store, a ``RedisStore``; one that was never written to is empty.
    /// - Throws: `CanoError` of category `configuration` for another name.
    public func store(named name: String) throws(CanoError) -> any Store {
        try StoreName.check(name)
        return RedisStore(key(of: name), on: client)
    }

    /// Applies the writes in order, all of them or none, and once, however often the connection is lost meanwhile.
    ///
    /// - Throws: `StepConflict` when there is a value already where a `putIfAbsent` was to set one;
    ///   `CanoError` of category `store` when a write doesn't fit what is there, or when Redis did not answer in
    ///   time: whether the writes were applied is then not known.
    public func apply(_ writes: [StagedWrite]) async throws {
        let shared = try SharedWrites(writes)
        guard !shared.stores.isEmpty else { return }
        for name in shared.stores { try StoreName.check(name) }
        let mark = "\(prefix):applied:\(RunID.random())"
        // No call is repeated after the deadline, but the last one may still be on its way.
        let call = ApplyWrites(
            mark: mark, remembered: patience + .seconds(60), stores: shared.stores.map(key(of:)), writes: shared)
        let encoded = call.encoded
        let deadline = clock.now.advanced(by: patience)
        let reply: RESPValue
        do {
            reply = try await Outage.waitOut(clock, while: { clock.now < deadline }) { try await client.evaluate(encoded) }
        } catch let error as RedisError {
            throw CanoError(redis: error, "what the step wrote")
        }
        if let refusal = try call.answer(reply) { throw refusal }
    }

    private func key(of name: String) -> String { "\(prefix):store:\(name)" }
}
