"""Independent judges: python-stix2 makes objects, stix2-patterns reads patterns. Talks JSON on standard input and output."""
import json
import sys

import stix2
from stix2patterns.validator import run_validator


def objects():
    """One object of each class of python-stix2 that can be made from little."""
    identity = stix2.Identity(name="CERT", identity_class="organization")
    malware = stix2.Malware(name="Loader", is_family=True, malware_types=["downloader"], aliases=["L"])
    ip = stix2.IPv4Address(value="198.51.100.3")
    mac = stix2.MACAddress(value="d2:fb:49:24:37:18")
    ip6 = stix2.IPv6Address(value="2001:db8::1", resolves_to_refs=[mac.id])
    domain = stix2.DomainName(value="example.com", resolves_to_refs=[ip.id])
    file = stix2.File(
        name="a.exe", size=10, hashes={"SHA-256": "a" * 64, "MD5": "b" * 32},
        extensions={"windows-pebinary-ext": stix2.WindowsPEBinaryExt(pe_type="exe", imphash="c" * 32)})
    directory = stix2.Directory(path="/usr/bin", contains_refs=[file.id])
    account = stix2.UserAccount(user_id="1001", account_login="jo", account_type="unix",
                                extensions={"unix-account-ext": stix2.UNIXAccountExt(gid=1001, shell="/bin/bash")})
    mail = stix2.EmailAddress(value="jo@example.com", belongs_to_ref=account.id)
    artifact = stix2.Artifact(mime_type="image/png", payload_bin="aGVsbG8=")
    message = stix2.EmailMessage(is_multipart=False, subject="Hi", from_ref=mail.id, to_refs=[mail.id], body="text")
    traffic = stix2.NetworkTraffic(
        src_ref=ip.id, dst_ref=domain.id, protocols=["tcp", "http"], dst_port=80,
        extensions={"http-request-ext": stix2.HTTPRequestExt(request_method="get", request_value="/", request_header={"Host": ["example.com"]})})
    process = stix2.Process(pid=4, command_line="sh -c id", image_ref=file.id)
    key = stix2.WindowsRegistryKey(key="HKEY_LOCAL_MACHINE\\Software\\X", values=[stix2.WindowsRegistryValueType(name="a", data="b", data_type="REG_SZ")])
    certificate = stix2.X509Certificate(serial_number="36:f7", issuer="C=TO", hashes={"SHA-1": "d" * 40})
    software = stix2.Software(name="Word", cpe="cpe:2.3:a:microsoft:word:2000:*:*:*:*:*:*:*", version="2002", vendor="Microsoft")
    others = [stix2.Mutex(name="__CLEAN__"), stix2.URL(value="https://example.com/a?b=c#d"), stix2.AutonomousSystem(number=15139, name="Slime")]
    indicator = stix2.Indicator(pattern="[domain-name:value = 'example.com']", pattern_type="stix", valid_from="2026-01-01T00:00:00Z", indicator_types=["malicious-activity"])
    observed = stix2.ObservedData(first_observed="2026-01-01T00:00:00Z", last_observed="2026-01-01T00:00:00Z", number_observed=1, object_refs=[ip.id, domain.id])
    sdos = [
        stix2.AttackPattern(name="Phishing", kill_chain_phases=[stix2.KillChainPhase(kill_chain_name="mitre-attack", phase_name="initial-access")]),
        stix2.Campaign(name="C", first_seen="2026-01-01T00:00:00Z"), stix2.CourseOfAction(name="Patch"), stix2.Incident(name="I"),
        stix2.Grouping(context="suspicious-activity", object_refs=[indicator.id]), stix2.Infrastructure(name="N", infrastructure_types=["botnet"]),
        stix2.IntrusionSet(name="S", goals=["money"]), stix2.Location(latitude=-21.1, longitude=-175.2, region="polynesia"),
        stix2.MalwareAnalysis(product="sandbox", result="malicious"), stix2.Note(content="n", object_refs=[indicator.id]),
        stix2.Opinion(opinion="agree", object_refs=[indicator.id]), stix2.Report(name="R", published="2026-01-01T00:00:00Z", object_refs=[indicator.id]),
        stix2.ThreatActor(name="T", threat_actor_types=["hacker"]), stix2.Tool(name="nmap", tool_types=["information-gathering"]),
        stix2.Vulnerability(name="CVE-2025-0001", external_references=[stix2.ExternalReference(source_name="cve", external_id="CVE-2025-0001")]),
        stix2.Relationship(indicator, "indicates", malware), stix2.Sighting(indicator, observed_data_refs=[observed.id], where_sighted_refs=[identity.id]),
        stix2.LanguageContent(object_ref=indicator.id, contents={"fr": {"name": "Nom"}}),
        stix2.MarkingDefinition(definition_type="statement", definition=stix2.StatementMarking("Free")), stix2.TLP_GREEN,
    ]
    return [identity, malware, ip, mac, ip6, domain, file, directory, account, mail, artifact, message, traffic, process,
            key, certificate, software, *others, indicator, observed, *sdos]


if sys.argv[1] == "objects":
    print(json.dumps([json.loads(thing.serialize()) for thing in objects()]))
else:
    verdicts = []
    for pattern in json.load(sys.stdin):
        try:
            verdicts.append(len(run_validator(pattern, stix_version="2.1")) == 0)
        except Exception:
            verdicts.append(False)
    print(json.dumps(verdicts))
