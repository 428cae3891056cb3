import CanoClient
import CanoPrimitives

/// The queues of tasks, and who works on them.
struct QueuesPage: AdminPage {
    static let path = AdminPath.queues

    let queues: [TaskQueue]

    static func read(_ query: FormFields, from bus: AdminBus) async throws -> QueuesPage {
        QueuesPage(queues: try await bus.client.taskQueues())
    }

    let title = "Queues"

    func main(on site: Site) -> HTML {
        let rows = queues.map { queue in
            [
                site.link(queue.name, to: QueuePage.path, [("name", queue.name)]), "\(queue.waiting)",
                "\(queue.oldestWaiting?.short ?? "–")",
                "\(queue.held)", "\(queue.inHand)", "\(queue.oldestInHand?.short ?? "–")", "\(queue.workers.count)",
                "\(queue.workers.first?.silence.short ?? "–")",
            ] as [HTML]
        }
        let columns = ["Queue", "#Waiting", "#Oldest", "#Held back", "#In hand", "#Oldest", "#Workers", "#Last heard of"]
        return "<h1>Queues</h1>\(HTML.table(columns, rows, empty: "No task was ever put on a queue."))"
    }

    var json: String {
        var text = JSONWriter()
        text.member("queues", json: JSONWriter.array(queues.map(\.json)))
        return text.object
    }
}
