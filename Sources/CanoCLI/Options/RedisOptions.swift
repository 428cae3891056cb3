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
        do { _ = try divided } catch { throw ValidationError(error.message) }
    }

    /// The shards of the bus.
    private var divided: BusShards {
        get throws(BusError) { try BusShards(prefix: prefix, count: shards) }
    }

    /// Where the server is, as it was given.
    var url: String? { server.url }

    /// Where the server is.
    ///
    /// - Throws: ``RedisError`` with the code `invalidConfiguration`.
    var configuration: RedisConfiguration {
        get throws(RedisError) { try server.configuration }
    }

    /// Connects for as long as the body runs. See ``ServerOption/withBus(prefix:replyName:_:)``.
    ///
    /// - Throws: `ValidationError` on a bus of several shards; the same.
    func withBus<Result: Sendable>(_ body: (BusClient) async throws -> Result) async throws -> Result {
        try requireOneShard()
        return try await server.withBus(prefix: prefix, body)
    }

    /// - Throws: `ValidationError` on a bus of several shards.
    func requireOneShard() throws {
        guard shards > 1 else { return }
        throw ValidationError(
            """
            This command looks at one shard at a time: leave --shards out, and give the prefix of the shard, such as \
            --prefix '\(try divided.keys[0].prefix)'.
            """)
    }

    /// The same, to the shard of a run, or of one that is to be.
    func withBus<Result: Sendable>(
        ofRun run: String, replyName: String? = nil, _ body: (BusClient) async throws -> Result
    ) async throws -> Result {
        let divided = try divided
        let places = divided.shards(ofRun: run)
        // What is no run of a schedule is where its id says.
        for place in places.count > 1 ? places : [] {
            let prefix = divided.keys[place].prefix
            if try await server.withBus(prefix: prefix, { try await $0.record(of: run) != nil }) {
                return try await server.withBus(prefix: prefix, replyName: replyName, body)
            }
        }
        return try await server.withBus(prefix: divided.keys[places[0]].prefix, replyName: replyName, body)
    }

    /// The same, to the shard of a schedule.
    func withBus<Result: Sendable>(ofSchedule name: String, _ body: (BusClient) async throws -> Result) async throws -> Result {
        let divided = try divided
        return try await server.withBus(prefix: divided.keys[divided.shard(of: name)].prefix, body)
    }
}
