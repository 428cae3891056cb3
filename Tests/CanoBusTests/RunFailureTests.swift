import CanoPrimitives
import Testing

@testable import CanoBus

@Suite("A failure", .timeLimit(.minutes(5)))
struct RunFailureTests {
    private func chain(of length: Int) -> RunFailure {
        (1..<length).reversed().reduce(failure(length)) { cause, number in failure(number, causes: [cause]) }
    }

    private func failure(_ number: Int, causes: [RunFailure] = []) -> RunFailure {
        RunFailure(code: "e\(number)", message: "m", category: "generic", state: nil, attempt: number, causes: causes)
    }

    private func depth(_ failure: RunFailure) -> Int { 1 + (failure.causes.map(depth).max() ?? 0) }

    @Test("is read as it was written", arguments: [1, 2, 9])
    func roundTrip(_ length: Int) throws {
        let failure = chain(of: length)
        #expect(try RunFailure(JSONObject(failure.json)) == failure)
    }

    @Test("has causes eight deep at most", arguments: [9, 10, 50])
    func depth(_ length: Int) throws {
        #expect(depth(try RunFailure(JSONObject(chain(of: length).json))) == 1 + RunFailure.maximumDepth)
    }

    @Test("has all its members in any case, and null for what is unknown")
    func members() throws {
        let json = RunFailure(code: "c", message: "a \"b\"\n", category: "store", state: nil).json
        #expect(
            json
                == #"{"code":"c","message":"a \"b\"\n","category":"store","state":null,"task":null,"attempt":null,"retryable":false,"causes":[]}"#
        )
        #expect(try JSONObject(json).members.map(\.name) == RunFailure.members.map(\.field.rawValue))
    }

    @Test(
        "is not read from what is none",
        arguments: ["{}", #"{"code":1}"#, #"{"code":"c","message":"m","category":"x","retryable":true,"causes":{}}"#])
    func misfits(_ json: String) throws {
        let object = try JSONObject(json)
        #expect(throws: JSONObject.Misfit.self) { try RunFailure(object) }
    }
}
