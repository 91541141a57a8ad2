import { bytesOrZero, choices, count, duration, flag, list, path, text } from './setting-types.ts'
import type { Row } from './settings.ts'
import { addressKinds } from './transfer-options.ts'

/** Rows of the table of settings: how files are brought to this host. */
export const fetchSettings = {
  fetchUriConcurrency: { type: count(1, 64), group: 'Fetch', default: '4', about: 'URIs of one task at once.' },
  fetchHostConcurrency: {
    type: count(0, 1024), group: 'Fetch', default: '16', about: 'Files from one host at once, for all tasks of a fetch thread together; 0: any number.',
  },
  fetchRetries: {
    type: count(0, 100), group: 'Fetch', default: '3',
    about: 'How often a transfer that broke off is repeated, from where it was if the server has the same file still. One that brings a megabyte '
      + 'more has all of them again.',
  },
  fetchRetryDelay: { type: duration(0), group: 'Fetch', default: '500ms', about: 'The wait before the first of them; it doubles up to 30 s.' },
  fetchMaxSize: { type: bytesOrZero, group: 'Fetch', default: '0', about: 'What all URIs of a task may bring together; 0: any amount.' },
  fetchFreeSpace: {
    type: bytesOrZero, group: 'Fetch', default: '256m',
    about: 'What stays free on the disk of the sandbox: a file for which there is no '
      + 'room fails, before it comes or when that is found out.',
  },
  fetchSync: { type: flag, group: 'Fetch', default: 'false', about: 'Each file is on the disk (fsync) before it counts as fetched.' },
  fetchCaFile: {
    type: path, group: 'Fetch', default: undefined, defaultTold: 'none',
    about: 'Certificates (PEM) that https and ftps trust beside those of the system.',
  },
  frameworksHome: {
    type: path, group: 'Fetch', mesos: 'frameworks_home', default: undefined, defaultTold: 'none: relative paths are refused',
    about: 'What the URIs of tasks that are relative paths are below.',
  },
  allowFetchPaths: {
    type: list('absolute paths', /^\//), group: 'Fetch', default: '', defaultTold: 'any file that everyone on this host may read',
    about: 'Folders of this host from which tasks may have files (file:// and plain paths). It is the real path that counts.',
  },
  fetchDenyAddresses: {
    type: choices(addressKinds), group: 'Fetch', default: 'link-local',
    about: 'Kinds of addresses that URIs of tasks do not reach, whatever their names are. Link-local is where clouds tell of a host, and give it keys.',
  },
  fetchDenyRedirects: {
    type: choices(addressKinds), group: 'Fetch', default: 'link-local,loopback',
    about: 'Kinds of addresses that a server may not redirect to, unless it has the same name.',
  },
  s3Endpoint: {
    type: text('a URL, http or https', /^https?:\/\/[^@?#]+$/), group: 'Fetch', default: undefined, defaultTold: 'Amazon\'s',
    about: 'The store of s3: URIs; buckets are part of the path there.',
  },
  s3Region: {
    type: text('a name', /^[\w-]+$/), group: 'Fetch', default: ({ env }) => env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || 'us-east-1',
    defaultTold: '`AWS_REGION`, else `us-east-1`', about: 'The region of that store.',
  },
  s3Credentials: {
    type: path, group: 'Fetch', default: undefined,
    defaultTold: 'the agent\'s `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`; without them none',
    about: 'A file of credentials as `aws configure` writes it, profile `AWS_PROFILE` or `default`, for the s3: URIs of all tasks.',
  },
  webHdfs: {
    type: list('URLs', /^https?:\/\/([^@:/?#]+@)?[^@/?#]+\/?$/), group: 'Fetch', default: '', defaultTold: 'none: hdfs: goes by the hadoop client',
    about: 'WebHDFS addresses of the name nodes, as `http://user@host:9870`, of which the active one serves the hdfs: URIs of tasks.',
  },
  hadoopClient: {
    type: text('a program'), group: 'Fetch', mesos: 'hadoop_client',
    default: ({ env }) => env['HADOOP_HOME'] ? `${env['HADOOP_HOME']}/bin/hadoop` : 'hadoop',
    defaultTold: '`bin/hadoop` in `HADOOP_HOME`, else the `hadoop` in the PATH',
    about: 'The program that copies what only Hadoop reads: `PROGRAM fs -copyToLocal URI FILE`.',
  },
  hadoopSchemes: {
    type: list('schemes', /^[a-z][a-z0-9+.-]*$/), group: 'Fetch', default: 'hdfs,hftp,viewfs,maprfs', about: 'Schemes of URIs that it is asked for.',
  },
} as const satisfies Record<string, Row>
