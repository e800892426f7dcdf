/** The units of the vendors' price lists, in words. */
import type { EngineMeter } from '#lib/domain/engine-prices.ts';
import { phrase } from '#lib/language/phrase.ts';

/** One unit, as it stands behind a number. */
export function unitWords(meter: EngineMeter): string {
  const words: Record<EngineMeter, string> = {
    'objects.message': phrase('message to a Durable Object'),
    'objects.row': phrase('row written in a Durable Object'),
    'objects.second': phrase('second of a Durable Object (128 MB)'),
    'd1.read': phrase('row read in D1'),
    'd1.write': phrase('row written in D1'),
    'dynamodb.read': phrase('read request unit of DynamoDB'),
    'dynamodb.write': phrase('write request unit of DynamoDB'),
    'postgres.io': phrase('I/O request of Aurora PostgreSQL'),
    'postgres.acuHour': phrase('hour of an Aurora capacity unit'),
    'redis.ecpu': phrase('processing unit of ElastiCache (Valkey)'),
    'redis.gbHour': phrase('GB-hour of ElastiCache (Valkey)'),
    'firestore.read': phrase('document read in Firestore'),
    'firestore.write': phrase('document written in Firestore'),
  };
  return words[meter];
}
