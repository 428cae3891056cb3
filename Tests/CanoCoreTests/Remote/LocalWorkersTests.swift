import CanoCore
import Testing

@Suite struct LocalWorkersTests {
    private func request(_ queue: String, _ input: String) -> WorkRequest {
        WorkRequest(queue: WorkerQueue(queue), run: "r", state: "s", input: Array(input.utf8))
    }

    @Test("each queue has a closure that takes what is asked for as its type, and answers what it comes to")
    func typed() async throws {
        let lengths = Journal<String>()
        let workers = LocalWorkers()
            .serving("double") { (number: Int, _) in number * 2 }
            .serving("note") { (text: String, request) in lengths.add("\(text) \(request.run)") }
            .serving("raw") { request in .completed(output: request.input, next: "elsewhere") }
        #expect(try await workers.perform(request("double", "21")) == .completed(output: Array("42".utf8)))
        #expect(try await workers.perform(request("note", #""a""#)) == .completed(output: Array("null".utf8)))
        #expect(lengths.entries == ["a r"])
        #expect(try await workers.perform(request("raw", "[1]")) == .completed(output: Array("[1]".utf8), next: "elsewhere"))
    }

    @Test("a queue that nothing serves, and input of another type, are failures that no other attempt cures")
    func misfits() async {
        let workers = LocalWorkers().serving("double") { (number: Int, _) in number * 2 }
        let missing = await caught { try await workers.perform(request("triple", "1")) }
        #expect(missing?.code == "no_worker" && missing?.isRetryable == false)
        #expect(missing?.message.contains("double") == true)
        let misfit = await caught { try await workers.perform(request("double", #""a""#)) }
        #expect(misfit?.code == "bad_input" && misfit?.isRetryable == false)
    }
}
