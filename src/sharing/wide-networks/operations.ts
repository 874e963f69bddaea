import { operation, type Operation } from '../../access/operation.ts';
import type { WideNetworks } from './service.ts';

/** Operations on approvals of wide networks. */
export function wideNetworkOperations(networks: WideNetworks): readonly Operation[] {
  const tag = 'Wide networks';
  return [
    operation({
      method: 'GET',
      path: '/wide-networks',
      name: 'listWideNetworks',
      summary: 'List approvals of networks that are too large to be blocked without one',
      tag,
      permission: 'hub.read',
      status: 200,
      answer: 'wide_networks',
      run: async ({ actor }) => ({ body: { items: await networks.list(actor) } }),
    }),
    operation({
      method: 'POST',
      path: '/wide-networks',
      name: 'createWideNetwork',
      summary: 'Record the first of two approvals of a wide network',
      tag,
      permission: 'network.approve',
      status: 201,
      body: 'api/wide-network-request.json',
      answer: 'wide_network',
      run: async ({ actor, body }) => ({
        body: await networks.create(actor, body.network, body.reason, body.days),
      }),
    }),
    operation({
      method: 'POST',
      path: '/wide-networks/:network/approval',
      name: 'approveWideNetwork',
      summary: 'Record the second approval. Lists then contain the network',
      tag,
      permission: 'network.approve',
      status: 200,
      body: 'api/wide-network-decision.json',
      answer: 'wide_network',
      run: async ({ actor, parameters, body }) => ({
        body: await networks.approve(actor, parameters.network, body.reason),
      }),
    }),
    operation({
      method: 'POST',
      path: '/wide-networks/:network/revocation',
      name: 'revokeWideNetwork',
      summary: 'End an approval. Lists leave the network out again',
      tag,
      permission: 'network.revoke',
      status: 200,
      body: 'api/wide-network-decision.json',
      answer: 'wide_network',
      run: async ({ actor, parameters, body }) => ({
        body: await networks.revoke(actor, parameters.network, body.reason),
      }),
    }),
  ];
}
