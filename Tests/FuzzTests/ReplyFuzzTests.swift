import Testing

@testable import CanoRedis

extension Fuzzing {
    @Suite("Any reply", .timeLimit(.minutes(FuzzPlan.current.minutes)))
    struct ReplyFuzzTests {
        private struct Question {
            let command: Int
            let reply: RESPValue
        }

        private static let commands: [@Sendable (RESPValue) throws(RedisError) -> Void] = [
            answer(of: GET.self), answer(of: SET.self), answer(of: DEL.self), answer(of: EXISTS.self), answer(of: PEXPIRE.self),
            answer(of: TYPE.self), answer(of: KEYS.self), answer(of: SCAN.self), answer(of: LRANGE.self), answer(of: ZADD.self),
            answer(of: ZREM.self), answer(of: ZRANGE.self), answer(of: ZRANGEBYSCORE.self), answer(of: ZREMRANGEBYSCORE.self),
            answer(of: ZSCORE.self), answer(of: ZCARD.self), answer(of: HGET.self), answer(of: HMGET.self), answer(of: HGETALL.self),
            answer(of: HSET.self), answer(of: HLEN.self), answer(of: XADD.self), answer(of: XLEN.self), answer(of: XRANGE.self),
            answer(of: XREVRANGE.self), answer(of: XTRIM.self), answer(of: XDEL.self), answer(of: XACK.self), answer(of: XPENDING.self),
            answer(of: XCLAIM.self), answer(of: XAUTOCLAIM.self), answer(of: TIME.self), answer(of: INFO.self), answer(of: PING.self),
            answer(of: XGROUP.CREATE.self), answer(of: XGROUP.DELCONSUMER.self), answer(of: XINFO.CONSUMERS.self),
            answer(of: CONFIG.GET.self),
            answer(of: SCRIPT.LOAD.self), answer(of: SCRIPT.FLUSH.self), blockingAnswer(of: XREAD.self),
            blockingAnswer(of: XREADGROUP.self),
        ]

        private static func answer<Command: RedisCommand>(of: Command.Type) -> @Sendable (RESPValue) throws(RedisError) -> Void {
            { reply throws(RedisError) in _ = try Command.response(from: reply) }
        }

        private static func blockingAnswer<Command: BlockingRedisCommand>(of: Command.Type)
            -> @Sendable (RESPValue) throws(RedisError) -> Void
        {
            { reply throws(RedisError) in _ = try Command.decode(reply) }
        }

        private static let texts = [
            "1-1", "18446744073709551615-18446744073709551615", "1-", "-", "0", "-1", "9223372036854775808", "1.5", "inf", "nan", "OK",
            "PONG",
            "type", "idle",
            "name", "pending", "inactive", "string", "# Server\r\nredis_version:7.0.15\r\n", "",
        ]

        @Test("is an answer of the command it is given to, or refused")
        func answers() async throws {
            let fuzzer = Fuzzer<Question>(name: "replies", inputs: 20_000, literal: { "command \($0.command), \($0.reply)" }) { random in
                Question(command: random.below(Self.commands.count), reply: RESPValue(random: &random, texts: Self.texts))
            }
            try await fuzzer.run { question in
                do {
                    try Self.commands[question.command](question.reply)
                } catch let error as RedisError {
                    if case .error = question.reply { return }
                    guard error.code == .unexpectedReply else { throw Finding("is refused with \(error)") }
                }
            }
        }

        @Test("to TIME with seconds that make no number of microseconds is refused", arguments: [253_402_300_799_999, .max, -1] as [Int64])
        func time(_ seconds: Int64) {
            let error = #expect(throws: RedisError.self) { try TIME.decode(.array([.integer(seconds), .integer(9)])) }
            #expect(error?.code == .unexpectedReply)
        }
    }
}
