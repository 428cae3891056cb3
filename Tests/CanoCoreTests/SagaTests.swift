import CanoCore
import CanoTesting
import Testing

@Suite struct SagaTests {
    let journal = Journal<String>()
    let observer = RecordingObserver()
    let store = InMemoryCheckpointStore()
    var runtime: WorkflowRuntime { WorkflowRuntime(checkpoints: store, observers: [observer]) }
    var undone: [String] { journal.entries.filter { $0.contains("/compensation") } }

    private func failure(of workflow: Workflow<Step>, in runtime: WorkflowRuntime? = nil) async -> CanoError? {
        await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first, as: "r", in: runtime ?? self.runtime) }
    }

    @Test("DR-2, DR-5: a failed run is undone, the latest step first, and its log is removed", arguments: [true, false])
    func rollsBack(isLogged: Bool) async throws {
        let error = await failure(
            of: .bookings(journal), in: isLogged ? runtime : WorkflowRuntime(observers: [observer]))
        #expect(journal.entries == ["r/first/1", "r/second/2", "r/second/2/compensation 20", "r/first/1/compensation 10"])
        #expect(error?.code == "mishap")
        #expect(error?.state == "third")
        #expect(error?.rollback == .clean)
        #expect(try await store.rows(of: "r").isEmpty)
        #expect(
            observer.summary.filter { $0.hasPrefix("compensation") } == [
                "compensationStarted book-second", "compensationSucceeded book-second", "compensationStarted book-first",
                "compensationSucceeded book-first",
            ])
    }

    @Test("SAGA-4: the output and the chosen state are durable before the next state is entered")
    func completionRow() async throws {
        let rows = Journal<[CheckpointRow]>()
        let (store, runtime) = (store, runtime)
        let workflow = Workflow.bookings(
            journal,
            third: { _ in
                rows.add(try await store.rows(of: "r"))
                return .done
            })
        #expect(try await workflow.versioned("2").orchestrate(from: .first, as: "r", in: runtime) == .done)
        #expect(
            rows.entries.first == [
                CheckpointRow(sequence: 0, state: "first", task: "book-first", visit: 1, version: "2"),
                CheckpointRow(
                    sequence: 1, kind: .compensationCompletion, state: "first", task: "book-first", visit: 1, next: "second",
                    payload: [UInt8]("10".utf8), version: "2"),
                CheckpointRow(sequence: 2, state: "second", task: "book-second", visit: 2, version: "2"),
                CheckpointRow(
                    sequence: 3, kind: .compensationCompletion, state: "second", task: "book-second", visit: 2, next: "third",
                    payload: [UInt8]("20".utf8), version: "2"),
                CheckpointRow(sequence: 4, state: "third", task: "third", visit: 3, version: "2"),
            ])
        #expect(undone.isEmpty)
    }
}
