import CanoBus
import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

extension Fuzzing {
    @Suite("Any answer of a script", .timeLimit(.minutes(FuzzPlan.current.minutes)))
    struct ScriptAnswerFuzzTests {
        private static let texts = [
            "ok", "again", "lost", "behind", "replies", "a,b", "cancel", "waiting", "arrived", "claimed", "resumed", "quarantined", "gone",
            "expired", "unknown",
            "moved",
            "not-due", "not-resumable", "conflict", "status", "running", "workflow", "numbers", "version", "epoch", "events", "rows",
            "recoveries", "1",
            "signals", "control/1-0", "=m", #"{"name":"n","data":1}"#, "-1", "9007199254740992", "9223372036854775807", "handed-to:done",
            #"{"sequence":0,"kind":"state_entry","state":"fetch","task":"","visit":1,"version":"1"}"#, "",
        ]

        @Test("is one that the script has, or refused")
        func answers() async throws {
            let fuzzer = Fuzzer<RESPValue>(name: "script-answers", inputs: 20_000, literal: { "\($0)" }) { random in
                RESPValue(random: &random, texts: Self.texts)
            }
            try await fuzzer.run { reply in
                _ = HeartbeatAnswer(reply)
                do {
                    _ = try StepAnswer(reply)
                } catch let error as RedisError where error.code == .unexpectedReply {
                } catch {
                    throw Finding("is refused with \(error)")
                }
                do {
                    _ = try ClaimAnswer(reply, about: "order-42")
                } catch let error as BusError where error.code == .unreadableRun {
                } catch let error as RedisError where error.code == .unexpectedReply {
                } catch let error as CanoError where ["malformed_log", "unknown_kind"].contains(error.code) {
                } catch {
                    throw Finding("is refused with \(error)")
                }
                if let values = reply.arrayValue { _ = ClaimCandidate("order-42", values.map(\.bytes)) }
            }
        }
    }
}
