import CanoBus
import CanoCore
import Testing

@testable import CanoBridge

@Suite("Outputs as JSON", .timeLimit(.minutes(5)))
struct WorkflowJSONTests {
    private enum Step: String, WorkflowState {
        typealias Input = Int
        typealias Output = String
        case done
    }

    @Test("have a limit, beyond which the run fails with what to do")
    func limit() throws {
        let json = WorkflowJSON<Step>.both
        let longest = String(repeating: "x", count: BusLimits.outputBytes - 2)
        #expect(try json.encodeOutput(longest, at: .done).utf8.count == BusLimits.outputBytes)
        let error = #expect(throws: CanoError.self) { try json.encodeOutput(longest + "x", at: .done) }
        #expect(error?.code == "output_too_large" && error?.state == "done" && error?.isRetryable == false)
        #expect(error?.message.contains("1048577 bytes; 1048576 are the most") == true)
    }
}
