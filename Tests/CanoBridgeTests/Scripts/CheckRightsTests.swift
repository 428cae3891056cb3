import CanoBus
import CanoCore
import CanoRedis
import Foundation
import RedisServerFixture
import Testing

@testable import CanoBridge

@Suite("The script that finds missing rights", .timeLimit(.minutes(5)))
struct CheckRightsTests {
    private static let rules: [String] = {
        let tries = String(decoding: CheckRights.script.source, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("try('") }
        return tries.compactMap { $0.split(separator: "'").dropFirst().first.map(String.init) }
    }()

    private func denied(to rules: String) async throws -> [String] {
        var options = RedisServerOptions()
        options.users = [RedisServerOptions.User(name: "ann", password: "p", rules: rules)]
        return try await withRedisServer(options) { server in
            try await withClient("unix://ann:p@\(server.socketPath)") { redis in
                let bus = Bus(
                    bridge: "b", keys: try BusKeys(prefix: "p"), limits: BusLimits(), clock: BusClock(SystemClock()), redis: redis,
                    logger: quietLogger, random: .always(0))
                let call = CheckRights(bus: bus)
                let answer = try call.answer(try await redis.evaluate(call.encoded))
                let left = try await withClient(server.url) { try await $0.execute(raw: RESPCommand("DBSIZE")) }
                #expect(left.integerValue == 0 || answer.contains("del"), "it leaves no key")
                return answer
            }
        }
    }

    @Test("finds nothing where the user has all, and all where it has none, each by the name that a rule has")
    func all() async throws {
        #expect(try await denied(to: "~p:* +@all") == [])
        let scripts = "~p:* +eval +evalsha +script|load"
        #expect(try await denied(to: scripts + Self.rules.map { " +\($0)" }.joined()) == [])
        #expect(try await denied(to: scripts) == Self.rules)
    }

    @Test("finds the one that is missing", arguments: ["hset", "xgroup|create", "del"])
    func one(missing: String) async throws {
        let others = Self.rules.filter { $0 != missing }.map { " +\($0)" }.joined()
        #expect(try await denied(to: "~p:* +eval +evalsha +script|load" + others) == [missing])
    }

    @Test("tries every command that a script calls and can't do without")
    func complete() throws {
        let known = Set(Self.rules.map { $0.split(separator: "|")[0].uppercased() })
        for script in LuaSourcesTests.scripts {
            let source = String(decoding: script.source, as: UTF8.self)
            for call in source.matches(of: /redis\.call\('([A-Z]+)'/) {
                #expect(known.contains(String(call.output.1)), "\(script.name) calls \(call.output.1)")
            }
        }
    }
}
