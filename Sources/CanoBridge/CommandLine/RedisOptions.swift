import ArgumentParser
import CanoRedis
import Foundation
import Logging

/// Which bus a command is about.
struct RedisOptions: ParsableArguments {
    @Option(name: .customLong("redis"), help: "The server: redis://, rediss:// or unix://.")
    var url = ProcessInfo.processInfo.environment["CANO_REDIS_URL"] ?? "redis://127.0.0.1:6379"

    @Option(help: "What every key of the bus begins with.")
    var prefix = "cano"

    /// Connects for as long as the body runs.
    func withClient(_ body: (RedisClient, BusKeys) async throws -> Void) async throws {
        let client = RedisClient(try RedisConfiguration(url: url), logger: .silent)
        let bus = try BusKeys(prefix: prefix)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            try await body(client, bus)
            group.cancelAll()
        }
    }
}

extension Logger {
    /// For commands that say all they have to say themselves.
    static var silent: Logger { Logger(label: "cano", factory: { _ in SwiftLogNoOpLogHandler() }) }
}
