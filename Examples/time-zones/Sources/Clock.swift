/// A clock of the results: what it shows in one zone of one country.
struct Clock: Sendable {
    static let header = "country,name,zone,offset,changes,latitude,longitude"

    let country: String
    let name: String
    let zone: String
    let offset: String
    let isChanging: Bool
    let latitude: Double
    let longitude: Double

    var csv: String {
        let name = name.contains(",") ? "\"\(name)\"" : name
        return "\(country),\(name),\(zone),\(offset),\(isChanging ? "yes" : "no"),\(latitude),\(longitude)"
    }
}
