import CanoCore
import Synchronization

// A service that converts a film, and says how far it is when it is asked. One look in between it does not answer.
final class Transcoder: Sendable {
    struct Busy: Error {}

    private let looks = Mutex(0)

    func percentDone(of film: String) throws -> Int {
        let look = looks.withLock { looks in
            looks += 1
            return looks
        }
        guard look != 2 else { throw Busy() }
        return min(100, 40 * look)
    }
}

enum Publishing: String, WorkflowState, CaseIterable {
    typealias Input = String
    typealias Output = String
    case convert, published
}

struct AwaitFilm: PollTask {
    let transcoder: Transcoder

    // Errors in a row are counted; a look that works starts the count anew.
    var onPollError: PollErrorPolicy { .retryOnError(maxErrors: 3, pause: .milliseconds(5)) }

    func poll(_ context: TaskContext<Publishing>) async throws -> PollOutcome<Publishing> {
        let percent: Int
        do { percent = try transcoder.percentDone(of: context.input) } catch {
            print("no answer")
            throw error
        }
        print("\(percent) % done")
        return percent == 100 ? .ready(.published) : .pending(retryIn: .milliseconds(5))
    }
}

let transcoder = Transcoder()
let publishing = Workflow<Publishing>("publishing", startingAt: .convert) { state in
    switch state {
    case .convert: .task(AwaitFilm(transcoder: transcoder), leadsTo: [.published])
    case .published: .exit { run in "\(run.input) is online" }
    }
}

print(try await publishing.run("holiday.mov"))
