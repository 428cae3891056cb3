import CanoRedis
import Testing

@testable import CanoBridge

@Suite("What scripts about several runs share", .timeLimit(.minutes(5)), .sharedRedisServer)
struct SeveralRunsTests {
    /// Fails for runs of certain names, and answers what it knows of the others.
    private struct EachRun: ScriptCall {
        typealias Argument = NoNames
        typealias Key = NoNames

        static let script = makeScript(
            "each_run",
            Array(
                """
                #!lua
                return for_each_run(function()
                  if run == 'moved' then error({ err = 'ERR Script attempted to access a non local key in a cluster node' }) end
                  if run == 'spoiled' then error({ err = 'WRONGTYPE of ' .. record }) end
                  if run == 'damaged' then return nil + 1 end
                  return run .. epoch .. open_tasks
                end)
                """.utf8), libraries: [ScriptLibrary.severalRuns], items: [Claim.Item.self],
            constants: [ScriptConstant("claim_keys", Claim.keysOfRun)])

        let runs: [String]

        func write(_ keys: inout ScriptKeys<NoNames>) {
            for run in runs { for part in 1...Claim.keysOfRun { keys.append(more: "{x}\(run)\(part)") } }
        }

        func write(_ arguments: inout ScriptArguments<NoNames>) {
            arguments.append(list: Claim.Item.self, count: runs.count) { list in
                for run in runs {
                    list.append(.run, run)
                    list.append(.epoch, 7)
                    list.append(.traceparent, "")
                }
            }
        }

        func answer(_ reply: RESPValue) throws -> [RESPValue] { reply.arrayValue ?? [] }
    }

    @Test("answers what is the matter with one run for that alone, and fails as a whole for all else: it is sent again then")
    func errors() async throws {
        try await ScriptTable.row { table in
            let answers = try await table.call(EachRun(runs: ["a", "spoiled", "damaged", "z"]))
            #expect(answers[0].string == "a7{x}a5" && answers[3].string == "z7{x}z5")
            for (place, text) in [(1, "WRONGTYPE of {x}spoiled1"), (2, "arithmetic")] {
                guard case .error(let error) = answers[place] else {
                    Issue.record("\(answers[place])")
                    continue
                }
                #expect(error.message.contains(text) && error.code == (place == 1 ? "WRONGTYPE" : "ERR"))
            }
            let error = await #expect(throws: RedisError.self) { try await table.call(EachRun(runs: ["a", "moved"])) }
            #expect(error?.isPassing == true)
        }
    }
}
