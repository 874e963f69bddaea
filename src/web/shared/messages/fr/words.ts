import { dayText, timeText } from '../../../../kernel/time-text.ts';
import { clientParts, passed } from '../../words.ts';
import type { Messages } from '../en.ts';
import { countIn, listIn } from '../numbers.ts';

/**
 * Glossary. member: membre · hub: plateforme · feed: flux · run: exécution · marking: marquage · collection: collection ·
 * claim: déclaration · grant: droit d’accès · revoke: révoquer · withdraw: retirer · on hold: en attente ·
 * review: validation · release: libérer · discard: écarter · dead letter: envoi refusé · channel: canal ·
 * officer: agent · sighting: observation · passkey: clé d’accès · one-time link: lien à usage unique
 */

/** Returns a number with its thousands separated by a narrow no-break space. */
export const count = countIn('fr');

const plural = new Intl.PluralRules('fr');

/** Returns the form of a word for a number. In French, 0 and 1 are singular. */
export function accord(number: number, one: string, many = `${one}s`): string {
  return plural.select(number) === 'one' ? one : many;
}

/** Returns a number with its noun: `0 objet`, `1 objet`, `2 objets`. */
export function counted(number: number, one: string, many?: string): string {
  return `${count(number)} ${accord(number, one, many)}`;
}

const TYPES: Readonly<Record<string, string>> = {
  artifact: 'Artefact',
  'attack-pattern': 'Technique d’attaque',
  'autonomous-system': 'Système autonome',
  campaign: 'Campagne',
  'course-of-action': 'Mesure',
  directory: 'Répertoire',
  'domain-name': 'Nom de domaine',
  'email-addr': 'Adresse électronique',
  'email-message': 'Courriel',
  'extension-definition': 'Définition d’extension',
  file: 'Fichier',
  grouping: 'Regroupement',
  identity: 'Identité',
  incident: 'Incident',
  indicator: 'Indicateur',
  infrastructure: 'Infrastructure',
  'intrusion-set': 'Mode opératoire d’attaque',
  'ipv4-addr': 'Adresse IPv4',
  'ipv6-addr': 'Adresse IPv6',
  'language-content': 'Traduction',
  location: 'Lieu',
  'mac-addr': 'Adresse MAC',
  malware: 'Logiciel malveillant',
  'malware-analysis': 'Analyse d’un logiciel malveillant',
  'marking-definition': 'Définition de marquage',
  mutex: 'Mutex',
  'network-traffic': 'Trafic réseau',
  note: 'Note',
  'observed-data': 'Données observées',
  opinion: 'Avis',
  process: 'Processus',
  relationship: 'Relation',
  report: 'Rapport',
  sighting: 'Observation',
  software: 'Logiciel',
  'threat-actor': 'Acteur malveillant',
  tool: 'Outil',
  url: 'URL',
  'user-account': 'Compte utilisateur',
  vulnerability: 'Vulnérabilité',
  'windows-registry-key': 'Clé de registre Windows',
  'x509-certificate': 'Certificat X.509',
};

/** Words that every page uses. */
export const words: Messages['words'] = {
  language: 'fr',
  count,
  roles: { administrator: 'administrateur', analyst: 'analyste', officer: 'agent', machine: 'machine' },
  claims: {
    network: 'réseau',
    domain: 'domaine',
    asn: 'numéro d’AS',
    country: 'pays',
    sector: 'secteur',
    brand: 'marque',
  },
  list: listIn('fr'),
  time: timeText,
  day: dayText,
  since: (time, now) => {
    const { minutes, hours, days } = passed(time, now);
    if (minutes < 1) return 'à l’instant';
    if (hours < 1) return `${minutes} min`;
    return days < 1 ? `${hours} h` : counted(days, 'jour');
  },
  type: (type) => {
    if (Object.hasOwn(TYPES, type)) return TYPES[type] ?? type;
    const text = type.replace(/^x-/, '').replaceAll('-', ' ');
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  },
  client: (agent) => {
    const { browser, system } = clientParts(agent);
    return system === undefined ? browser : `${browser} sous ${system}`;
  },
};
