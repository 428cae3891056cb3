import CanoRedis

/// What the bridge asks of its connection to Redis. Tests put one in that needs no server.
protocol BusTransport: Sendable {
    /// Sends a command and reads its reply.
    func execute<C: RedisCommand>(_ command: C) async throws(RedisError) -> C.Response

    /// Sends commands next to each other; what became of each.
    func pipeline<C: RedisCommand>(_ commands: [C]) async throws(RedisError) -> [Result<C.Response, RedisError>]

    /// Calls a script.
    func evaluate(_ call: RedisScriptCall) async throws(RedisError) -> RESPValue

    /// Calls a script without a task; the completion runs on the connection's thread.
    func evaluate(_ call: RedisScriptCall, completion: @escaping @Sendable (Result<RESPValue, RedisError>) -> Void)

    /// Calls an action later, on the connection's thread.
    @discardableResult func after(_ delay: Duration, _ action: @escaping @Sendable () -> Void) -> RedisTimer

    /// Calls an action again and again, on the connection's thread.
    func every(_ interval: Duration, _ action: @escaping @Sendable () -> Void) -> RedisTimer
}

extension RedisClient: BusTransport {}
