import CanoRedis
import RedisServerFixture
import Testing

/// Answers what it was told, by the names it was told by.
private struct Echo: ScriptCall {
    enum Key: String, ScriptName { case first, second }
    enum Argument: String, ScriptName {
        case who
        case length = "length_ms"
    }
    enum Point: String, ScriptItem {
        case x, y

        static let item = "point"
    }

    static let script = makeScript(
        "echo",
        Array(
            """
            #!lua
            local told = { first, second, keys[more_keys] or '', who, length_ms, greeting, tostring(limit) }
            local at = lists + 1
            for _ = 1, tonumber(arguments[lists]) do
              told[#told + 1] = arguments[at + point_x] .. '/' .. arguments[at + point_y]
              at = at + point_width
            end
            told[#told + 1] = arguments[at]
            return told
            """.utf8),
        items: [Point.self], constants: [ScriptConstant("greeting", "it's\n\u{1}é\\"), ScriptConstant("limit", 7)])

    let points: [(Int, Int)]

    func write(_ keys: inout ScriptKeys<Key>) {
        keys.append(.first, "a")
        keys.append(.second, "b")
        keys.append(more: "c")
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.who, "me")
        arguments.append(.length, .seconds(2))
        arguments.append(list: Point.self, count: points.count) { list in
            for point in points {
                list.append(.x, point.0)
                list.append(.y, point.1)
            }
        }
        arguments.append(list: ["one", "two"])
    }

    func answer(_ reply: RESPValue) throws -> [String] { reply.arrayValue?.compactMap(\.string) ?? [] }
}

@Suite("A typed call of a script", .timeLimit(.minutes(5)))
struct ScriptCallTests {
    @Test("reaches the script by the names that Swift gave its keys, arguments, lists and constants", arguments: [0, 1, 3])
    func named(count: Int) async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                let call = Echo(points: (0..<count).map { ($0, 10 * $0) })
                let told = try call.answer(try await client.evaluate(call.encoded))
                #expect(told == ["a", "b", "c", "me", "2000", "it's\n\u{1}é\\", "7"] + (0..<count).map { "\($0)/\(10 * $0)" } + ["2"])
            }
        }
    }
}
