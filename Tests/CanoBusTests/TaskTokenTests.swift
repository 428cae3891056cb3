import CanoPrimitives
import Testing

@testable import CanoBus

@Suite("The token of a task", .timeLimit(.minutes(5)))
struct TaskTokenTests {
    @Test(
        "is read as it was written, whatever its run is called",
        arguments: ["r", "1795480517506-0", "a/b", "/", "a/", "/a/b/", "order:42@shop", String(repeating: "x", count: 200)],
        ["//0", "//12.3", "//7-undo"])
    func readAndWritten(run: String, leg: String) throws {
        let token = TaskToken(run: run, leg: leg, attempt: 12, nonce: "A-z._9")
        #expect(TaskToken(token.description) == token)
        #expect(try token.description.wholeMatch(of: Regex(TaskToken.pattern)) != nil)
    }

    @Test(
        "is nothing else",
        arguments: [
            "", "r", "r//", "r//1", "r//1/1", "r//1/1/", "r/1/1/n", "//1/1/n", "r//1/1/n/", "r//1/1/n/m", "r//1/0/n", "r//1/01/n",
            "r//1/+1/n",
            "r//1/-1/n", "r//+1/1/n", "r//-1/1/n", "r//1./1/n", "r//.1/1/n", "r//1.2.3/1/n", "r//x/1/n", "r//1/x/n", "r//1/1/no name",
            "a b//1/1/n", "a//b//1/1/n", "r//1/1/n\n", " r//1/1/n", "r//1/1/ü",
            "r//-undo/1/n", "r//1-/1/n", "r//1-redo/1/n", "r//1.2-undo/1/n", "r//1-undo-undo/1/n",
            "r//1111111111111111111/1/n", "r//1/1111111111111111111/n",
        ])
    func broken(text: String) throws {
        #expect(TaskToken(text) == nil)
        #expect(try text.wholeMatch(of: Regex(TaskToken.pattern)) == nil)
    }

    @Test("is none where its run is called more than a run may be, which the expression doesn't say")
    func longRun() {
        #expect(TaskToken(String(repeating: "x", count: 201) + "//1/1/n") == nil)
    }
}
