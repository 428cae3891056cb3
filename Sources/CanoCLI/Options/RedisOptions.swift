import ArgumentParser
import CanoBus
import CanoClient
import CanoRedis

/// Which bus a command works on.
struct RedisOptions: ParsableArguments {
    @OptionGroup var server: ServerOption

    @Option(help: "The prefix of every key of the bus.")
    var prefix = "cano"

    @Option(help: "Into how many shards the bus is divided: {cano} in two is {cano-0} and {cano-1}.")
    var shards = 1

    func validate() throws {
        do { _ = try BusShards(prefix: prefix, count: shards) } catch { throw ValidationError(error.message) }
    }

    /// Where the server is, as it was given.
    var url: String? { server.url }

    /// Where the server is.
    ///
    /// - Throws: ``RedisError`` with the code `invalidConfiguration`.
    var configuration: RedisConfiguration {
        get throws(RedisError) { try server.configuration }
    }

    /// Connects for as long as the body runs. See ``ServerOption/withBus(prefix:shards:replyName:_:)``.
    func withBus<Result: Sendable>(replyName: String? = nil, _ body: (BusClient) async throws -> Result) async throws -> Result {
        try await server.withBus(prefix: prefix, shards: shards, replyName: replyName, body)
    }
}
